import { asVmplantsError, VmplantsError } from '../model/errors.js';
import type { Vm } from '../model/vm.js';
import { vmFromMessage } from '../proto/mapping/vm.js';
import type { PlantClient } from '../proto/plantClient.js';
import { askUntilAnswered, isSilence } from './askUntilAnswered.js';
import type { ShopParts } from './shopParts.js';

export type Claimed =
  | { readonly kind: 'claimed'; readonly vm: Vm }
  /** The plant went away before it was told: its VM is nobody's and goes by itself, so another may be made. */
  | { readonly kind: 'not-sent'; readonly error: VmplantsError };

/**
 * Takes a VM over for its client. Until this was sent the VM may be given up; from then on it may be the client's,
 * whether or not the answer comes, and no other must be made: the plant is asked again until `askMilliseconds` are over.
 *
 * @throws VmplantsError UNAVAILABLE, PLANT_LOST when the answer stays unknown; ABORTED, COLLECTED when the VM is gone
 */
export async function claimOn(
  plant: PlantClient,
  vmid: string,
  parts: Pick<ShopParts, 'limits' | 'now'>,
  signal: AbortSignal,
): Promise<Claimed> {
  const { limits, now } = parts;
  try {
    const milliseconds = limits.silenceMilliseconds;
    await askUntilAnswered((options) => plant.connect(options), { milliseconds, now, signal });
  } catch (thrown) {
    signal.throwIfAborted();
    return { kind: 'not-sent', error: lost(plant, vmid, asVmplantsError(thrown)) };
  }
  try {
    const milliseconds = limits.askMilliseconds;
    const vm = await askUntilAnswered((options) => plant.claim({ vmid }, options), {
      milliseconds,
      now,
      signal,
    });
    return { kind: 'claimed', vm: vmFromMessage(vm) };
  } catch (thrown) {
    signal.throwIfAborted();
    if (isSilence(thrown)) throw lost(plant, vmid, thrown);
    const error = asVmplantsError(thrown);
    if (error.code !== 'NOT_FOUND') throw error;
    throw new VmplantsError('ABORTED', `${vmid} was collected before it was handed out`, {
      reason: 'COLLECTED',
      cause: error,
    });
  }
}

function lost(plant: PlantClient, vmid: string, error: VmplantsError): VmplantsError {
  return new VmplantsError(
    'UNAVAILABLE',
    `plant ${plant.address} was lost when ${vmid} was to be taken over: ${error.message}`,
    {
      reason: 'PLANT_LOST',
      hint: `the VM may be there: query ${vmid}, or repeat the call with the same request ID`,
      cause: error,
    },
  );
}
