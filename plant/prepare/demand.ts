import type { Order } from '../../model/order.js';
import type { PreparePoint } from './prepared.js';
import { pointKey, pointOf } from './preparePoint.js';

/**
 * How often machines were asked for lately, by kind of order: every order counts 1, and half as much after every
 * half-life. Immutable.
 */
export type Demand = ReadonlyMap<string, KindDemand>;

export interface KindDemand {
  /** Where a machine would serve such an order now; undefined for none. */
  readonly point: PreparePoint | undefined;
  /** At `at`. */
  readonly weight: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** What such an order asks for, so that it can be planned again; undefined for what is known from a record alone. */
  readonly order?: Order;
}

/** What the kinds of order that one point would serve come to. */
export interface PointDemand {
  readonly point: PreparePoint;
  readonly weight: number;
}

/** Two hours after a single order, its machine is no longer kept for another; see LEAST_DEMAND. */
const HALF_LIFE_MILLISECONDS = 30 * 60_000;
/** What was asked for longest ago is forgotten beyond these. */
const MOST_KINDS = 256;

export const NO_DEMAND: Demand = new Map();

/** The demand after an order of the kind at this moment. */
export function withOrder(
  demand: Demand,
  kind: string,
  order: { readonly point: PreparePoint | undefined; readonly at: number; readonly order?: Order },
): Demand {
  const before = demand.get(kind);
  // A clock that was set back makes nothing newer.
  const when = Math.max(order.at, before?.at ?? order.at);
  const weight = 1 + (before === undefined ? 0 : weightAt(before, when));
  const known = order.order ?? before?.order;
  // Put last: what was asked for longest ago comes first.
  const next = new Map(demand);
  next.delete(kind);
  next.set(kind, {
    point: order.point === undefined ? undefined : pointOf(order.point),
    weight,
    at: when,
    ...(known === undefined ? {} : { order: known }),
  });
  for (const oldest of next.keys()) {
    if (next.size <= MOST_KINDS) break;
    next.delete(oldest);
  }
  return next;
}

/** The demand after the images have changed: every kind of order is served where the planner now says. */
export function replanned(demand: Demand, pointFor: (order: Order) => PreparePoint | undefined): Demand {
  return new Map(
    [...demand].map(([kind, known]) => [
      kind,
      known.order === undefined ? known : { ...known, point: pointFor(known.order) },
    ]),
  );
}

/** What the demand of every point has come down to, by the key of the point. */
export function demandByPoint(demand: Demand, now: number): ReadonlyMap<string, PointDemand> {
  const points = new Map<string, PointDemand>();
  for (const known of demand.values()) {
    if (known.point === undefined) continue;
    const key = pointKey(known.point);
    points.set(key, {
      point: known.point,
      weight: weightAt(known, now) + (points.get(key)?.weight ?? 0),
    });
  }
  return points;
}

/** The demand without the kinds that have come down below the least. */
export function withoutForgotten(demand: Demand, now: number, least: number): Demand {
  return new Map([...demand].filter(([, known]) => weightAt(known, now) >= least));
}

function weightAt({ weight, at }: KindDemand, now: number): number {
  return weight * 2 ** (-Math.max(0, now - at) / HALF_LIFE_MILLISECONDS);
}
