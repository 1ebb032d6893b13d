import type { LineEnvironment } from '../../model/lineEnvironment.js';
import type { Order } from '../../model/order.js';
import type { Rung } from '../../model/plan.js';
import { type CompiledOrder, compileOrder } from './compiledOrder.js';

/** What is asked of the planner, apart from the images. */
export interface PlannerQuery {
  readonly order: Order;
  /** The time, in milliseconds since 1970; data, because the planner reads no clock. */
  readonly now: number;
  /**
   * The production lines of this host. Undefined: off-line, where every line is taken to be there and every image's
   * memory to be made for it.
   */
  readonly lines: readonly LineEnvironment[] | undefined;
  /** Rungs of images that are not to be chosen, because a clone of them has failed before. */
  readonly excluded?: readonly ExcludedClone[];
  /** What an action takes that no image has ever measured; 1 second unless given. */
  readonly defaultActionSeconds?: number;
  /**
   * Names of images of which a machine waits, resumed, that fits the order's hardware and network and was made by the
   * line that the image would be resumed on: whoever fills it has checked that. None unless given.
   */
  readonly ready?: ReadonlySet<string>;
  /** Seconds that handing out such a machine saves against resuming one; 0.5 unless given, never negative. */
  readonly readySeconds?: number;
}

export interface ExcludedClone {
  readonly image: string;
  readonly rung: Rung;
}

export interface CompiledQuery {
  readonly order: CompiledOrder;
  readonly now: number;
  readonly lines: readonly LineEnvironment[] | undefined;
  readonly excluded: ReadonlyMap<string, ReadonlySet<Rung>>;
  readonly defaultActionSeconds: number;
  readonly ready: ReadonlySet<string>;
  readonly readySeconds: number;
  /** The most that an image can be worth beyond the work that it brings: what bounds are widened by. */
  readonly mostReadySeconds: number;
}

const DEFAULT_ACTION_SECONDS = 1;
/** Measured: resuming, until the guest answers. A waiting machine answers at once. */
const DEFAULT_READY_SECONDS = 0.5;
const NOTHING_READY: ReadonlySet<string> = new Set();

export function compileQuery(query: PlannerQuery): CompiledQuery {
  const excluded = new Map<string, Set<Rung>>();
  for (const { image, rung } of query.excluded ?? []) {
    const rungs = excluded.get(image);
    if (rungs === undefined) excluded.set(image, new Set([rung]));
    else rungs.add(rung);
  }
  const ready = query.ready ?? NOTHING_READY;
  const readySeconds = query.readySeconds ?? DEFAULT_READY_SECONDS;
  return {
    order: compileOrder(query.order),
    now: query.now,
    lines: query.lines,
    excluded,
    defaultActionSeconds: query.defaultActionSeconds ?? DEFAULT_ACTION_SECONDS,
    ready,
    readySeconds,
    mostReadySeconds: ready.size === 0 ? 0 : readySeconds,
  };
}
