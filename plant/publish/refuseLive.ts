import { type FieldViolation, invalidArgument, VmplantsError } from '../../model/errors.js';
import type { VmHistory, VmRecord } from '../info/record.js';
import type { LineCapabilities } from '../line/line.js';
import type { LiveWay } from './publication.js';

const SCRUB_LIMIT_BYTES = 64 * 1024;

/**
 * What ran in a VM that may be published as it is. Refuses before anything is done to it. Pure.
 *
 * @param recipeToo whether some line of the plant can bake its recipe
 * @throws VmplantsError INVALID_ARGUMENT for a scrub script that cannot be one and for unknown names to keep;
 * UNIMPLEMENTED on a line that cannot; FAILED_PRECONDITION: NOT_RUNNING, HISTORY_UNKNOWN, and IDENTITY_REMAINS where
 * neither a script nor the client answers for what its own actions did
 */
export function refuseLive(
  record: VmRecord,
  way: LiveWay,
  capabilities: LineCapabilities,
  recipeToo: boolean,
): VmHistory {
  const { vm, history } = record;
  checkScrub(way.scrub);
  if (!capabilities.snapshot || !capabilities.freeze) {
    throw new VmplantsError(
      'UNIMPLEMENTED',
      `${vm.vmid} is of the ${vm.line} line, which cannot copy a running machine`,
      {
        reason: 'NO_SNAPSHOT',
        ...(recipeToo ? { hint: 'Publish its recipe instead.' } : {}),
      },
    );
  }
  if (vm.state !== 'running') {
    throw new VmplantsError('FAILED_PRECONDITION', `${vm.vmid} is ${vm.state}; expected a running VM`, {
      reason: 'NOT_RUNNING',
    });
  }
  if (history === undefined) {
    throw new VmplantsError('FAILED_PRECONDITION', `what ran in ${vm.vmid} was not written down`, {
      reason: 'HISTORY_UNKNOWN',
      hint: 'It was made by an older plant: create it anew, or publish its recipe with its request.',
    });
  }
  checkKept(way.keep, history);
  const remaining = way.scrub === undefined ? history.perVm.filter((name) => !way.keep.includes(name)) : [];
  if (remaining.length > 0) {
    throw new VmplantsError(
      'FAILED_PRECONDITION',
      `what these actions did belongs to this VM alone and would be in the image: ${remaining.join(', ')}`,
      {
        reason: 'IDENTITY_REMAINS',
        hint: 'Give a scrub script that undoes them in the copy, or name those whose effect may stay.',
      },
    );
  }
  return history;
}

function checkScrub(scrub: string | undefined): void {
  if (scrub === undefined) return;
  const bytes = Buffer.byteLength(scrub);
  if (bytes === 0 || bytes > SCRUB_LIMIT_BYTES) {
    const description = `expected 1 to ${SCRUB_LIMIT_BYTES} bytes, found ${bytes}`;
    throw invalidArgument([{ field: 'live.scrub', description }]);
  }
  if (scrub.includes('\0')) {
    throw invalidArgument([{ field: 'live.scrub', description: 'expected text without NUL' }]);
  }
}

function checkKept(keep: readonly string[], { perVm }: VmHistory): void {
  const violations = keep.flatMap((name, index): readonly FieldViolation[] =>
    perVm.includes(name)
      ? []
      : [
          {
            field: `live.keep[${index}]`,
            description: `expected the name of an action of this VM's own (${perVm.join(', ') || 'it has none'}), found ${JSON.stringify(name.slice(0, 200))}`,
          },
        ],
  );
  if (violations.length > 0) throw invalidArgument(violations);
}
