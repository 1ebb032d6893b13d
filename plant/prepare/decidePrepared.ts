import type { PreparePoint } from './prepared.js';
import { pointKey } from './preparePoint.js';

/** How many machines a plant may keep running and waiting. */
export interface PrepareLimits {
  /** Memory that all machines that wait may take together. 0: none are prepared. */
  readonly memoryMiB: number;
  /** How many wait at a point beyond what is in use there. */
  readonly spare: number;
  /** VMs in use and waiting machines of one image together are never brought above this. */
  readonly maxPerImage: number;
}

/** What is known of a point. */
export interface PointState {
  readonly point: PreparePoint;
  /** Orders that it could have served, those of long ago counted less; see `demand.ts`. */
  readonly demand: number;
  /** VMs of it that there are. */
  readonly inUse: number;
  /** Machines of it that wait now. */
  readonly waiting: number;
  /** What handing one out saves against making a clone: on the disk rung its boot, too. */
  readonly savedSeconds: number;
}

/** All that the decision depends on. */
export interface PrepareInput {
  readonly points: readonly PointState[];
  readonly limits: PrepareLimits;
  /** Memory of the plant that no VM takes. */
  readonly freeMemoryMiB: number;
  /** VMs that the plant could take besides those that it has. */
  readonly freeVms: number;
}

/** How many machines are to wait at a point. */
export interface PointDecision {
  readonly point: PreparePoint;
  readonly wanted: number;
}

/** Below this demand nothing is kept for a point: nobody has asked for it for a long time. */
export const LEAST_DEMAND = 0.1;
/** A machine that waits already is worth this much more than one that is to be made: there and back costs both. */
const KEPT_IS_WORTH = 1.5;

interface Candidate {
  readonly point: PreparePoint;
  /** Seconds saved for a MiB, weighted by demand. */
  readonly value: number;
  /** Which machine of its point it is, from 0. */
  readonly place: number;
}

/**
 * How many machines to keep at each point: for each as many as `in use + spare`, at most `maxPerImage`, less what is in
 * use; the most valuable first, as long as the budget, the plant's own memory and its places last. Pure. The answer
 * is in the order of the points, one for each.
 */
export function decidePrepared(input: PrepareInput): readonly PointDecision[] {
  const { limits } = input;
  const wanted = new Map<string, number>();
  const ofImage = new Map<string, number>();
  for (const { point, inUse } of input.points) {
    ofImage.set(point.image, (ofImage.get(point.image) ?? 0) + inUse);
  }
  let memory = Math.min(limits.memoryMiB, input.freeMemoryMiB);
  let places = input.freeVms;
  for (const { point, place } of candidates(input)) {
    const key = pointKey(point);
    const taken = ofImage.get(point.image) ?? 0;
    // Those of one point come in the order of their places: after the first that does not fit, none does.
    if (place !== (wanted.get(key) ?? 0)) continue;
    if (taken >= limits.maxPerImage || places < 1 || point.memoryMiB > memory) continue;
    wanted.set(key, place + 1);
    ofImage.set(point.image, taken + 1);
    memory -= point.memoryMiB;
    places -= 1;
  }
  return input.points.map(({ point }) => ({ point, wanted: wanted.get(pointKey(point)) ?? 0 }));
}

function candidates({ points, limits }: PrepareInput): readonly Candidate[] {
  const found: Candidate[] = [];
  for (const { point, demand, inUse, waiting, savedSeconds } of points) {
    if (demand < LEAST_DEMAND || savedSeconds <= 0) continue;
    const total = Math.max(0, Math.min(inUse + limits.spare, limits.maxPerImage));
    for (let place = 0; place < total - inUse; place += 1) {
      // The second machine of a point is needed less often than its first.
      const value = (demand * savedSeconds) / ((place + 1) * point.memoryMiB);
      found.push({ point, place, value: place < waiting ? value * KEPT_IS_WORTH : value });
    }
  }
  return found.sort(
    (a, b) => b.value - a.value || compareText(pointKey(a.point), pointKey(b.point)) || a.place - b.place,
  );
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
