import type { Logger } from '../proto/logger.js';
import type { ClassadCache } from './classadCache.js';
import type { Fleet } from './fleet/fleet.js';
import type { Hints } from './hints.js';
import type { PlantLinks } from './plantLinks.js';
import type { PlantNames } from './plantNames.js';
import type { Random } from './random.js';

/** What the calls of a shop are made from. */
export interface ShopParts {
  readonly links: PlantLinks;
  readonly hints: Hints;
  readonly classads: ClassadCache;
  readonly names: PlantNames;
  /** Whom auctions ask. */
  readonly fleet: Fleet;
  readonly logger: Logger;
  /** Milliseconds of a clock that never jumps, for how long bids hold. */
  readonly now: () => number;
  /** Breaks ties between bids. */
  readonly random: Random;
  /** So many bytes, of a source that cannot be guessed, for VMIDs. */
  readonly randomBytes: (count: number) => Uint8Array;
  readonly limits: ShopLimits;
  /** Aborted when the shop stops. */
  readonly stopping: AbortSignal;
}

export interface ShopLimits {
  /** Up to so many plants all are asked for a bid; of more a sample of those that should offer most. */
  readonly askAll: number;
  /** How many plants of more are asked first. */
  readonly sample: number;
  /** Within which a plant must bid, or is left out. */
  readonly bidMilliseconds: number;
  /** Within which a plant must answer what it can answer from its records. */
  readonly askMilliseconds: number;
  /** Within which a plant must have ended a VM. */
  readonly collectMilliseconds: number;
  /** Within which a plant must have made an image of a VM. */
  readonly publishMilliseconds: number;
  /** How long one console may stay open. */
  readonly consoleMilliseconds: number;
  /** Creations in progress at once, and how many may wait behind them. */
  readonly creations: number;
  readonly waitingCreations: number;
  /**
   * How many auctions a creation may hold, and how many productions it may begin. Within one auction every offer that
   * still holds may be turned to, which costs a plant that has no place any more nothing but a refusal.
   */
  readonly rounds: number;
  /** Within which a plant must say whether it holds a place, or another is turned to. */
  readonly reserveMilliseconds: number;
  /** How long a place is held: until the plant has the order. */
  readonly holdMilliseconds: number;
  /** Within which a VM must be claimed once it runs, or its plant removes it; at most an hour. */
  readonly claimSeconds: number;
  /**
   * How long a plant that makes a VM may be out of reach, or say nothing, before it is asked whether it is there, and
   * how long that answer may take; then it is given up and another makes the VM.
   */
  readonly silenceMilliseconds: number;
}

export const DEFAULT_SHOP_LIMITS: ShopLimits = {
  askAll: 32,
  sample: 16,
  bidMilliseconds: 2_000,
  askMilliseconds: 5_000,
  collectMilliseconds: 120_000,
  publishMilliseconds: 3600 * 1000,
  consoleMilliseconds: 24 * 3600 * 1000,
  creations: 64,
  waitingCreations: 256,
  rounds: 3,
  reserveMilliseconds: 1_000,
  holdMilliseconds: 10_000,
  claimSeconds: 120,
  silenceMilliseconds: 5_000,
};
