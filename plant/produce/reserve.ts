import { VmplantsError } from '../../model/errors.js';
import type { VmRecord } from '../info/record.js';
import { assignNetwork, networkUse } from '../network/networks.js';
import type { PlantParts } from '../parts.js';
import { refusalError, refuse } from '../planner/computeBid.js';
import type { Reservations } from '../reservations.js';
import { plantSnapshot } from '../snapshot.js';
import type { Attempt, AttemptFor } from './attempt.js';
import type { Step, StepName } from './step.js';

export interface ReserveInput {
  readonly wanted: AttemptFor;
  readonly attempt: Attempt;
  /** See `Vm.claimWithinSeconds`. */
  readonly claimWithinSeconds?: number;
}

/** What is done already with a machine that waited: from here on a rollback removes it as it would its own clone. */
const READY_STEPS: readonly StepName[] = ['reserve', 'clone', 'start'];

/**
 * Takes a place, memory and a network on the plant by making the record, in state `producing`. Its log entry is
 * written with the record. What is held for its VMID becomes its own. A machine that waited becomes the VM's in the same write. Synchronous up to the end, so that
 * two productions never take the last place, nor the same machine.
 *
 * @throws VmplantsError RESOURCE_EXHAUSTED when the plant is full; FAILED_PRECONDITION, TOO_LARGE
 */
export function createReserveStep(
  parts: Pick<PlantParts, 'name' | 'info' | 'limits' | 'clock'>,
  reservations: Pick<Reservations, 'standing' | 'release'>,
): Step<ReserveInput, VmRecord> & { readonly doNow: (input: ReserveInput) => VmRecord } {
  const doNow = ({ wanted, attempt, claimWithinSeconds = 0 }: ReserveInput): VmRecord => {
    const { order, vmid, hostname } = wanted;
    const records = parts.info.records();
    const others = reservations.standing(vmid);
    const refusal = refuse(order, plantSnapshot(records, parts.limits, parts.info.prepared.all(), others));
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
        ...(claimWithinSeconds === 0 ? {} : { claimWithinSeconds }),
      },
      directory: attempt.spec.directory,
      ...(assignment === undefined ? {} : { network: assignment.network }),
      ...(attempt.ready?.machine.process === undefined ? {} : { process: attempt.ready.machine.process }),
      macs: attempt.identity.macs,
      holds: true,
    };
    if (attempt.ready === undefined) parts.info.insert(record, 'reserve');
    else parts.info.prepared.handOut(attempt.ready.record.id, record, READY_STEPS);
    reservations.release(vmid);
    return record;
  };
  return {
    name: 'reserve',
    doNow,
    do: async (input) => doNow(input),
    undo: async (record) => parts.info.remove(record.vm.vmid),
  };
}
