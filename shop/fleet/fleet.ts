import type { Order } from '../../model/order.js';
import type { PlantStatus__Output } from '../../proto/gen/vmplants/v1/PlantStatus.js';
import type { Logger } from '../../proto/logger.js';
import { plantStatusFromMessage } from '../../proto/mapping/plantStatus.js';
import type { PlantClient } from '../../proto/plantClient.js';
import type { Registry } from '../../registry/registry.js';
import { followPlants } from '../followPlants.js';
import type { PlantLinks } from '../plantLinks.js';
import type { PlantNames } from '../plantNames.js';
import type { Random } from '../random.js';
import { type KnownPlant, knownPlant } from './candidate.js';
import { summariseOrder } from './orderSummary.js';
import { type SamplePolicy, selectCandidates } from './selectCandidates.js';

/** What an auction knows of the plants before it asks them: whom to ask first, and who may not answer. */
export interface Fleet {
  /** Whom to ask, one wave after the other until somebody offers. Up to `askAll` plants are one wave. */
  readonly waves: (plants: readonly PlantClient[], order: Order) => Iterable<readonly PlantClient[]>;
  /** Whether the plant may not answer: it did not bid in time the last time, or its stream of statuses is down. */
  readonly isSuspect: (address: string) => boolean;
  /** It answered, if only that it does not bid. */
  readonly noteAnswer: (address: string) => void;
  /** It let the deadline of an auction pass. */
  readonly noteSilence: (address: string) => void;
  /** Ends the streams. */
  readonly close: () => void;
}

export interface FleetPolicy extends SamplePolicy {
  /** Up to so many plants all are asked, and no streams are open. */
  readonly askAll: number;
}

export interface FleetOptions {
  readonly links: Pick<PlantLinks, 'all' | 'close'>;
  readonly registry: Pick<Registry, 'onChange'>;
  readonly names: Pick<PlantNames, 'set'>;
  readonly policy: FleetPolicy;
  readonly random: Random;
  readonly logger: Logger;
}

/** A stream is opened again then. */
const STREAM_MILLISECONDS = 12 * 3600 * 1000;

/** In how many auctions one of the plants that were silent is asked with the first wave. */
const AGAIN_CHANCE = 1 / 8;

/** Follows the plants' statuses while there are more than `askAll` of them. Nothing of it outlives the process. */
export function createFleet({ links, registry, names, policy, random, logger }: FleetOptions): Fleet {
  const known = new Map<string, KnownPlant>();
  /** Streams that are down. */
  const broken = new Set<string>();
  const silent = new Set<string>();
  /** What they said last could not be read; said once, until it can be again. */
  const unreadable = new Set<string>();
  let following: AbortController | undefined;

  const stop = (): void => {
    following?.abort();
    following = undefined;
    known.clear();
    broken.clear();
    unreadable.clear();
  };
  const listen = (address: string, message: PlantStatus__Output): void => {
    try {
      const status = plantStatusFromMessage(message);
      known.set(address, knownPlant(status, known.get(address)));
      names.set(address, status.name);
      unreadable.delete(address);
    } catch (error) {
      // It is asked as if nothing had been heard of it.
      known.delete(address);
      if (!unreadable.has(address))
        logger.warn({ address, err: error }, 'a status of a plant could not be read');
      unreadable.add(address);
    }
    // Who says its status may yet not answer; one that was away may be another process.
    if (broken.delete(address)) silent.delete(address);
  };
  const follow = (signal: AbortSignal): void =>
    followPlants<PlantStatus__Output>(
      links,
      registry,
      {
        open: (plant, one) => plant.status({}, { timeoutMilliseconds: STREAM_MILLISECONDS, signal: one }),
        onOpen: () => undefined,
        onMessage: listen,
        onBroken: (address, error) => {
          // One of another version says no status; it bids all the same.
          if (error?.code === 'UNIMPLEMENTED') return;
          if (!broken.has(address)) logger.debug?.({ address, code: error?.code }, 'a plant says no status');
          broken.add(address);
        },
        onLeft: (address) => {
          known.delete(address);
          broken.delete(address);
          silent.delete(address);
          unreadable.delete(address);
        },
      },
      signal,
    );
  const reconcile = (): void => {
    const many = links.all().length > policy.askAll;
    if (many && following === undefined) {
      following = new AbortController();
      follow(following.signal);
    }
    if (!many && following !== undefined) stop();
  };
  const unsubscribe = registry.onChange(reconcile);
  reconcile();

  /** Where there is always somebody else to ask, one that was silent would never be heard again. */
  const oneAgain = (those: readonly { readonly address: string }[]): string | undefined =>
    those.length > 0 && random() < AGAIN_CHANCE
      ? those[Math.floor(random() * those.length)]?.address
      : undefined;

  const isSuspect = (address: string): boolean => silent.has(address) || broken.has(address);
  return {
    isSuspect,
    noteAnswer: (address) => silent.delete(address),
    noteSilence: (address) => silent.add(address),
    waves: function* (plants, order) {
      if (plants.length <= policy.askAll) {
        yield plants;
        return;
      }
      const byAddress = new Map(plants.map((plant) => [plant.address, plant]));
      const candidates = plants.map(({ address }) => ({
        address,
        suspect: isSuspect(address),
        known: known.get(address),
      }));
      let again = oneAgain(candidates.filter(({ address }) => silent.has(address) && !broken.has(address)));
      for (const wave of selectCandidates(summariseOrder(order), candidates, policy, random)) {
        const asked = again === undefined ? wave : [...wave.filter((one) => one !== again), again];
        const plantsOf = asked.flatMap((address) => byAddress.get(address) ?? []);
        // Asked with the first wave, it is not asked again.
        if (again !== undefined) byAddress.delete(again);
        again = undefined;
        if (plantsOf.length > 0) yield plantsOf;
      }
    },
    close: () => {
      unsubscribe();
      stop();
    },
  };
}
