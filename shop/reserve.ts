import { asVmplantsError, type VmplantsError } from '../model/errors.js';
import type { Order } from '../model/order.js';
import type { CallOptions } from '../proto/channel.js';
import type { PlantClient } from '../proto/plantClient.js';

/** What a VM will take of the plant that makes it: the fields of a ReserveRequest. */
export interface Place {
  readonly vmid: string;
  readonly orderDigest: string;
  readonly memoryMib: number;
  readonly network: 'host-only' | 'none';
  readonly clientDomain: string;
}

export type Reserved =
  | { readonly kind: 'held'; readonly holdsForMilliseconds: number }
  /** The plant has no room any more, or did not answer; in both cases another may be asked. */
  | { readonly kind: 'refused'; readonly error: VmplantsError };

export function placeOf(vmid: string, { digest, hardware, network, clientDomain }: Order): Place {
  const { memoryMiB } = hardware;
  return { vmid, orderDigest: digest, memoryMib: memoryMiB, network: network.kind, clientDomain };
}

/**
 * Has a plant hold a place, so that of several shops that its bid won only one sends an order. A place that was held
 * without the shop hearing of it is free again after its time. Rejects only when the signal was aborted.
 */
export async function reserveAt(
  plant: PlantClient,
  place: Place,
  holdMilliseconds: number,
  options: CallOptions,
): Promise<Reserved> {
  try {
    const { holdsForMilliseconds } = await plant.reserve({ ...place, holdMilliseconds }, options);
    return { kind: 'held', holdsForMilliseconds };
  } catch (thrown) {
    options.signal?.throwIfAborted();
    return { kind: 'refused', error: asVmplantsError(thrown) };
  }
}
