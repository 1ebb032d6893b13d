import type { Bid } from '../model/bid.js';
import type { Random } from './random.js';

/** Something that carries a bid: the bid alone, or with the plant that made it. */
export interface WithBid {
  readonly bid: Bid;
}

/** Why a bid must not be taken for an order; undefined when it may be. */
export function whyDiscarded(bid: Bid, orderDigest: string): string | undefined {
  if (bid.orderDigest !== orderDigest) return 'the bid is for another order';
  if (!Number.isFinite(bid.cost)) return `expected a finite cost, found ${bid.cost}`;
  if (bid.cost < 0) return `expected a cost that is not negative, found ${bid.cost}`;
  return undefined;
}

/** Cheapest first; equally cheap ones by the names of their plants. */
export function cheapestFirst<Offer extends WithBid>(offers: readonly Offer[]): readonly Offer[] {
  return [...offers].sort(
    (a, b) => a.bid.cost - b.bid.cost || (a.bid.plant < b.bid.plant ? -1 : a.bid.plant > b.bid.plant ? 1 : 0),
  );
}

/**
 * The offer that is taken: the cheapest, and one of the cheapest at random where there are several (VMPlants paper,
 * section 3.1). Undefined without offers. All must have passed `whyDiscarded`.
 */
export function choose<Offer extends WithBid>(offers: readonly Offer[], random: Random): Offer | undefined {
  const lowest = offers.reduce((least, { bid }) => Math.min(least, bid.cost), Number.POSITIVE_INFINITY);
  const cheapest = cheapestFirst(offers.filter(({ bid }) => bid.cost === lowest));
  return cheapest[Math.floor(random() * cheapest.length)];
}
