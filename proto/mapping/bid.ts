import type { Bid } from '../../model/bid.js';
import type { Bid__Output, Bid as BidMessage } from '../gen/vmplants/v1/Bid.js';
import { rungFromText } from './rung.js';

export function bidToMessage(bid: Bid): BidMessage {
  return {
    plant: bid.plant,
    orderDigest: bid.orderDigest,
    cost: bid.cost,
    components: bid.components.map((component) => ({ ...component })),
    image: bid.image,
    rung: bid.rung,
    prepared: bid.prepared,
    residualSeconds: bid.residualSeconds,
    holdsForMilliseconds: bid.holdsForMilliseconds,
  };
}

/**
 * A bid as it came. Whether it can be taken (a finite cost, this order) is not judged here but where bids are
 * chosen, because that discards a bid and goes on. DATA_LOSS when a field is not what the contract says.
 */
export function bidFromMessage(message: Bid__Output): Bid {
  return {
    plant: message.plant,
    orderDigest: message.orderDigest,
    cost: message.cost,
    components: message.components.map(({ name, cost, basis }) => ({ name, cost, basis })),
    image: message.image,
    rung: rungFromText(message.rung),
    prepared: message.prepared,
    residualSeconds: message.residualSeconds,
    holdsForMilliseconds: message.holdsForMilliseconds,
  };
}
