import type { Refusal } from '../proto/mapping/refusal.js';
import type { Offer } from './auction.js';

/** Offers that have not been taken yet, with what the other plants said. */
export interface Standing {
  /** Cheapest first. */
  readonly offers: readonly Offer[];
  readonly refusals: readonly Refusal[];
  /** By `ShopParts.now`. */
  readonly receivedAt: number;
}

export const NOTHING_STANDS: Standing = { offers: [], refusals: [], receivedAt: 0 };

/** What of it still holds. */
export function stillHolding(standing: Standing, now: number): Standing {
  const age = now - standing.receivedAt;
  return { ...standing, offers: standing.offers.filter(({ bid }) => age < bid.holdsForMilliseconds) };
}

/** Without an offer that was refused after all, and why. */
export function without(standing: Standing, offer: Offer, refusal: Refusal): Standing {
  return {
    ...standing,
    offers: standing.offers.filter((other) => other !== offer),
    refusals: [...standing.refusals, refusal],
  };
}

/** Without what the plant at the address offered, which it does not make after all, and why. */
export function withoutPlant(standing: Standing, address: string, refusal: Refusal): Standing {
  return {
    ...standing,
    offers: standing.offers.filter(({ plant }) => plant.address !== address),
    refusals: [...standing.refusals, refusal],
  };
}
