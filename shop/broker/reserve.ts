import { VmplantsError } from '../../model/errors.js';
import type { ReserveRequest__Output } from '../../proto/gen/vmplants/v1/ReserveRequest.js';
import type { ReserveResponse } from '../../proto/gen/vmplants/v1/ReserveResponse.js';
import type { CallContext } from '../../proto/handler.js';
import type { Refusal } from '../../proto/mapping/refusal.js';
import type { PlantClient } from '../../proto/plantClient.js';
import { noBidError } from '../noBid.js';
import { type Place, reserveAt } from '../reserve.js';
import type { ShopParts } from '../shopParts.js';
import { checkVmid } from '../vmid.js';
import { type BrokerParts, shopOf } from './brokerParts.js';

/**
 * Holds a place where one is held under this VMID already, else at the best offer that still stands, else at the next.
 * FAILED_PRECONDITION NO_STANDING_BID when the broker remembers no offer for the order.
 */
export async function reserveForOthers(
  broker: BrokerParts,
  request: ReserveRequest__Output,
  context: CallContext,
): Promise<ReserveResponse> {
  const parts = shopOf(broker, context);
  const place = placeOfMessage(request);
  const plants = parts.links.all();
  const knownAddress = broker.places.get(place.vmid) ?? parts.hints.get(place.vmid);
  const known = plants.filter(({ address }) => address === knownAddress);
  const hold = request.holdMilliseconds;
  if (hold === 0) {
    // Of a place that it does not remember it is free to say so: that runs out by itself.
    for (const plant of known) await reserveAt(plant, place, 0, timeFor(parts, context, 0, 1));
    broker.places.forget(place.vmid);
    return { holdsForMilliseconds: 0 };
  }
  const standing = broker.standing.of(place.orderDigest, plants).offers.map(({ plant }) => plant);
  const candidates = [...new Map([...known, ...standing].map((plant) => [plant.address, plant])).values()];
  if (candidates.length === 0) throw noStandingBid(broker.self.name);
  const { plant, holdsForMilliseconds } = await reserveAtFirst(parts, place, hold, candidates, context);
  broker.places.set(place.vmid, plant.address);
  return { holdsForMilliseconds };
}

async function reserveAtFirst(
  parts: ShopParts,
  place: Place,
  holdMilliseconds: number,
  candidates: readonly PlantClient[],
  context: CallContext,
): Promise<{ readonly plant: PlantClient; readonly holdsForMilliseconds: number }> {
  const begun = parts.now();
  const refusals: Refusal[] = [];
  for (const [tried, plant] of candidates.entries()) {
    const askedAt = parts.now();
    const call = timeFor(parts, context, askedAt - begun, candidates.length - tried);
    const reserved = await reserveAt(plant, place, holdMilliseconds, call);
    if (reserved.kind === 'held') {
      const late = parts.now() - askedAt;
      return { plant, holdsForMilliseconds: Math.max(0, Math.floor(reserved.holdsForMilliseconds - late)) };
    }
    const { code, message } = reserved.error;
    // There is a VM already, of another order: no plant can have this one.
    if (code === 'ALREADY_EXISTS') throw reserved.error;
    refusals.push({ plant: parts.names.of(plant.address), code, reason: message, rejected: [] });
  }
  throw noBidError(refusals, undefined);
}

/** Half of what is left, so that one silent plant leaves time for the next; the last gets all of it. */
function timeFor(parts: ShopParts, { signal }: CallContext, spentMilliseconds: number, left: number) {
  const most = Math.max(1, parts.limits.reserveMilliseconds - spentMilliseconds);
  return { timeoutMilliseconds: left > 1 ? most / 2 : most, signal };
}

function placeOfMessage(request: ReserveRequest__Output): Place {
  const { vmid, orderDigest, memoryMib, network, clientDomain } = request;
  if (network !== 'host-only' && network !== 'none') {
    throw new VmplantsError('INVALID_ARGUMENT', 'network: expected `host-only` or `none`', {
      reason: 'INVALID_REQUEST',
    });
  }
  return { vmid: checkVmid(vmid), orderDigest, memoryMib, network, clientDomain };
}

function noStandingBid(broker: string): VmplantsError {
  return new VmplantsError('FAILED_PRECONDITION', `broker ${broker} has no standing offer for this order`, {
    reason: 'NO_STANDING_BID',
    hint: 'ask for a bid first; an offer holds for a few seconds',
  });
}
