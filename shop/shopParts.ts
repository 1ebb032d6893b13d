import type { Logger } from '../proto/logger.js';
import type { Hints } from './hints.js';
import type { PlantLinks } from './plantLinks.js';
import type { PlantNames } from './plantNames.js';
import type { Random } from './random.js';

/** What the calls of a shop are made from. */
export interface ShopParts {
  readonly links: PlantLinks;
  readonly hints: Hints;
  readonly names: PlantNames;
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
  /** How often a creation turns to another plant because the one that won could not take it after all. */
  readonly rounds: number;
}

export const DEFAULT_SHOP_LIMITS: ShopLimits = {
  bidMilliseconds: 2_000,
  askMilliseconds: 5_000,
  collectMilliseconds: 120_000,
  publishMilliseconds: 3600 * 1000,
  consoleMilliseconds: 24 * 3600 * 1000,
  creations: 64,
  waitingCreations: 256,
  rounds: 3,
};
