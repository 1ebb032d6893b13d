import { DISK_SERIAL_LENGTH, diskSerial } from '../diskSerial.js';
import { suggestion } from './didYouMean.js';
import { isHostname } from './names.js';
import { allDags, HOSTNAME, type Outline, type OutlineAction } from './outline.js';
import { quote } from './text.js';
import type { Violations } from './violations.js';

const KINDS = ['script', 'host', 'opaque'] as const;
/** Fields that only a script has. */
const GUEST_FIELDS = ['files', 'parameters', 'environment', 'timeout'] as const;

/** Fields that only what is performed has. */
const PERFORMED_FIELDS = ['identity', 'maxAge', 'onError'] as const;

/** The rules that need more than one field of an action, or an action and the identity. */
export function checkActions(outline: Outline, violations: Violations): void {
  checkHostname(outline.hostname, violations);
  const serials = new Map<string, string>();
  for (const dag of allDags(outline.dag)) {
    for (const action of dag.actions) {
      if (violations.full) return;
      checkKind(action, violations);
      checkIdentityReferences(action, outline.identityNames, violations);
      if (action.addsDisk) checkSerial(action, serials, violations);
    }
  }
}

/** The host name of the identity is one that a guest can take. */
function checkHostname(hostname: string | undefined, violations: Violations): void {
  if (hostname !== undefined && !isHostname(hostname)) {
    violations.add(
      ['identity', HOSTNAME],
      `expected a host name (RFC 1123: labels of letters, digits and "-", joined by "."; at most 64 characters), found ${quote(hostname)}`,
    );
  }
}

function checkKind(action: OutlineAction, violations: Violations): void {
  const { fields, path } = action;
  const [kind, another] = KINDS.filter((field) => fields.has(field));
  if (another !== undefined) {
    violations.add(
      [...path, another],
      `expected one of script, host and opaque, found both ${kind} and ${another}; make it two actions`,
    );
  } else if (kind === undefined) {
    // An action that is no object at all has no fields; the schema says so about it.
    if (fields.size > 0)
      violations.add([...path, 'script'], 'expected one of script, host and opaque, found none');
  } else if (kind === 'host') {
    for (const field of GUEST_FIELDS) {
      if (fields.has(field)) violations.add([...path, field], 'only an action with a script has this field');
    }
  } else if (kind === 'opaque') {
    for (const field of [...GUEST_FIELDS, ...PERFORMED_FIELDS]) {
      if (fields.has(field)) {
        const description =
          'an opaque action is brought by an image and never performed; leave this field out';
        violations.add([...path, field], description);
      }
    }
  }
}

function checkIdentityReferences(
  action: OutlineAction,
  names: ReadonlySet<string>,
  violations: Violations,
): void {
  for (const { name, path } of action.identityReferences) {
    if (name === HOSTNAME || names.has(name)) continue;
    const known = [...names, HOSTNAME];
    violations.add(path, `the identity has no parameter ${quote(name)}${suggestion(name, known)}`);
  }
}

/** Disks are told apart in the guest by their serial numbers. */
function checkSerial(action: OutlineAction, serials: Map<string, string>, violations: Violations): void {
  if (action.name === undefined) return;
  const serial = diskSerial(action.name);
  const other = serials.get(serial);
  if (other !== undefined && other !== action.name) {
    violations.add(
      [...action.path, 'name'],
      `${quote(action.name)} and ${quote(other)} begin with the same ${DISK_SERIAL_LENGTH} characters, which name their disks in the guest`,
    );
  }
  serials.set(serial, action.name);
}
