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
}

const DEFAULT_ACTION_SECONDS = 1;

export function compileQuery(query: PlannerQuery): CompiledQuery {
  const excluded = new Map<string, Set<Rung>>();
  for (const { image, rung } of query.excluded ?? []) {
    const rungs = excluded.get(image);
    if (rungs === undefined) excluded.set(image, new Set([rung]));
    else rungs.add(rung);
  }
  return {
    order: compileOrder(query.order),
    now: query.now,
    lines: query.lines,
    excluded,
    defaultActionSeconds: query.defaultActionSeconds ?? DEFAULT_ACTION_SECONDS,
  };
}
