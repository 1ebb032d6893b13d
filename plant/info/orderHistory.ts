import type { Action } from '../../model/action.js';
import type { ShapeUses } from '../learn/decide/learning.js';
import type { OrderShape } from '../learn/decide/orderShape.js';

/**
 * What a plant remembers of the orders that it produced, for learning: shapes (keys and names, durable), measured
 * durations (durable), and what images have saved. The work of an action (its script and files) is durable only once
 * a second order, of another shape or of the same, asked for it: what one order alone ever held may be a secret, and
 * is forgotten with the process.
 */
export interface OrderHistory {
  /** Remembers an order whose VM was handed out, and the image that it was made from. */
  readonly record: (order: HistoryEntry) => void;
  readonly shapes: () => readonly ShapeUses[];
  /** Mean of the last durations of every action that ended well, by key, in seconds. */
  readonly seconds: () => ReadonlyMap<string, number>;
  /** What every image was good for so far, by name. */
  readonly imageUses: () => ReadonlyMap<string, ImageUses>;
  /** The work of an action, where it is still known. The answer is no identity action and has no error handler. */
  readonly action: (key: string) => Action | undefined;
}

export interface HistoryEntry {
  readonly shape: OrderShape;
  /** The actions of the shape, in its order. */
  readonly actions: readonly Action[];
  readonly image: string;
  readonly savedSeconds: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface ImageUses {
  readonly uses: number;
  readonly savedSeconds: number;
  /** Milliseconds since the epoch. */
  readonly lastUsed: number;
}
