import { VmplantsError } from '../../model/errors.js';
import type { VmRecord } from '../info/record.js';
import { assignNetwork, networkUse } from '../network/networks.js';
import type { PlantParts } from '../parts.js';
import { refusalError, refuse } from '../planner/computeBid.js';
import { plantSnapshot } from '../snapshot.js';
import type { Attempt, AttemptFor } from './attempt.js';
import type { Step } from './step.js';

export interface ReserveInput {
  readonly wanted: AttemptFor;
  readonly attempt: Attempt;
}

/**
 * Takes a place, memory and a network on the plant by making the record, in state `producing`. Its log entry is
 * written with the record. Synchronous up to the end, so that two productions never take the last place.
 *
 * @throws VmplantsError RESOURCE_EXHAUSTED when the plant is full; FAILED_PRECONDITION, TOO_LARGE
 */
export function createReserveStep(
  parts: Pick<PlantParts, 'name' | 'info' | 'limits' | 'clock'>,
): Step<ReserveInput, VmRecord> & { readonly doNow: (input: ReserveInput) => VmRecord } {
  const doNow = ({ wanted, attempt }: ReserveInput): VmRecord => {
    const { order, vmid, hostname } = wanted;
    const records = parts.info.records();
    const refusal = refuse(order, plantSnapshot(records, parts.limits));
    if (refusal !== undefined) throw refusalError(refusal);
    const assignment =
      order.network.kind === 'none'
        ? undefined
        : assignNetwork(networkUse(records, parts.limits.networks), order.clientDomain);
    if (assignment?.kind === 'none-free') {
      throw new VmplantsError('RESOURCE_EXHAUSTED', 'no host-only network is free', { reason: 'NO_NETWORK' });
    }
    const record: VmRecord = {
      vm: {
        vmid,
        state: 'producing',
        plant: parts.name,
        clientDomain: order.clientDomain,
        image: attempt.plan.image,
        rung: attempt.plan.rung,
        line: attempt.line.name,
        createdAt: parts.clock.now(),
        classad: {},
        vcpus: order.hardware.vcpus,
        memoryMiB: order.hardware.memoryMiB,
        hostname,
        orderDigest: order.digest,
      },
      directory: wanted.directory,
      ...(assignment === undefined ? {} : { network: assignment.network }),
      macs: attempt.identity.macs,
      holds: true,
    };
    parts.info.insert(record, 'reserve');
    return record;
  };
  return {
    name: 'reserve',
    doNow,
    do: async (input) => doNow(input),
    undo: async (record) => parts.info.remove(record.vm.vmid),
  };
}
