import type { PlantClient } from '../../proto/plantClient.js';
import type { Offer } from '../auction.js';
import { type Standing, stillHolding } from '../standing.js';

/**
 * The offers from behind a broker, by order, for as long as they hold: who was told of the best comes back for it. Only
 * a memory; without it a plant is found by a new auction. Bounded: the oldest order is forgotten first.
 */
export interface StandingOffers {
  /** In the order in which they are to be taken. */
  set(orderDigest: string, offers: readonly Offer[]): void;
  /** Those that still hold, of plants that are among these, to be asked through these. */
  of(orderDigest: string, plants: readonly PlantClient[]): Standing;
}

const MOST_ORDERS = 4096;
/** More than that many plants do not all fill up while an offer holds. */
const MOST_OFFERS = 16;

export function createStandingOffers(now: () => number): StandingOffers {
  const byOrder = new Map<string, Standing>();
  return {
    set: (orderDigest, offers) => {
      byOrder.delete(orderDigest);
      const kept = offers.slice(0, MOST_OFFERS).map(({ plant, bid }) => ({ plant, bid }));
      byOrder.set(orderDigest, { offers: kept, refusals: [], receivedAt: now() });
      if (byOrder.size <= MOST_ORDERS) return;
      for (const oldest of byOrder.keys()) {
        byOrder.delete(oldest);
        break;
      }
    },
    of: (orderDigest, plants) => {
      const standing = byOrder.get(orderDigest) ?? { offers: [], refusals: [], receivedAt: now() };
      const reachable = new Map(plants.map((plant) => [plant.address, plant]));
      const offers = stillHolding(standing, now()).offers.flatMap((offer): readonly Offer[] => {
        const plant = reachable.get(offer.plant.address);
        return plant === undefined ? [] : [{ ...offer, plant }];
      });
      return { ...standing, offers };
    },
  };
}
