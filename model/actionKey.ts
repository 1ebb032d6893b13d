import type {
  ActionFile,
  GuestAction,
  HostAction,
  HostOperation,
  OpaqueAction,
  ParameterValue,
} from './action.js';
import { type CanonicalValue, canonicalJson, compareCodeUnits, sha256 } from './canonical.js';
import { diskSerial } from './diskSerial.js';

/** Changes when the same action is to get another key: performed actions of older images then match no more. */
const KEY_FORMAT = 'vmplants-action/1';

/** What a key is made of: an action without its key and without what does not decide its effect. */
export type KeyedAction =
  | Pick<GuestAction, 'kind' | 'script' | 'files' | 'parameters' | 'environment'>
  | Pick<HostAction, 'kind' | 'name' | 'operation'>
  | Pick<OpaqueAction, 'kind' | 'key'>;

/**
 * SHA-256 (hexadecimal) over everything that decides the effect of an action: script, parameters, environment and
 * files, or the host operation. Not over name, timeout, retries, age or handler. A parameter from the identity counts
 * with its name and its value; the host name that a VM gets from its VMID counts as no value.
 *
 * One part of a name does decide an effect: a disk that a host action adds shows it as its serial number, so that
 * serial number is part of that action's key.
 *
 * An opaque action has the key that publishing gave it: nothing of the change itself is known.
 */
export function actionKey(action: KeyedAction, identity: ReadonlyMap<string, string>): string {
  if (action.kind === 'opaque') return action.key;
  return sha256(canonicalJson({ format: KEY_FORMAT, ...effect(action, identity) }));
}

function effect(
  action: Exclude<KeyedAction, Pick<OpaqueAction, 'kind' | 'key'>>,
  identity: ReadonlyMap<string, string>,
): { readonly [field: string]: CanonicalValue } {
  if (action.kind === 'host')
    return { kind: 'host', operation: operationEffect(action.operation, action.name) };
  return {
    kind: 'guest',
    script: action.script,
    parameters: sorted(action.parameters).map(([name, value]) => [name, parameterEffect(value, identity)]),
    environment: sorted(action.environment).map(([name, value]) => [name, value]),
    files: filesEffect(action.files),
  };
}

function parameterEffect(value: ParameterValue, identity: ReadonlyMap<string, string>): CanonicalValue {
  if (value.kind === 'literal') return { literal: value.value };
  return { identity: value.name, value: identity.get(value.name) ?? null };
}

function operationEffect(operation: HostOperation, name: string): CanonicalValue {
  switch (operation.kind) {
    case 'attach-iso':
      return { kind: operation.kind, label: operation.label, files: filesEffect(operation.files) };
    case 'add-disk':
      return { kind: operation.kind, sizeMiB: operation.sizeMiB, serial: diskSerial(name) };
    case 'add-network-interface':
      return { kind: operation.kind };
  }
}

function filesEffect(files: readonly ActionFile[]): CanonicalValue {
  return [...files]
    .sort((a, b) => compareCodeUnits(a.path, b.path))
    .map(({ path, mode, digest }) => ({ path, mode, digest }));
}

function sorted<Value>(
  entries: readonly (readonly [string, Value])[],
): readonly (readonly [string, Value])[] {
  return [...entries].sort(([a], [b]) => compareCodeUnits(a, b));
}
