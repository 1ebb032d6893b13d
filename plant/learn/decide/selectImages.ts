import { type Coverage, type CoverageInput, createCoverage } from './coverage.js';
import type { LearningBudget } from './learning.js';

/**
 * An image makes room only for what saves a tenth more than it did: a new one costs a bake, and what is expected is
 * never exact. Without it two recipes of about equal use would take turns.
 */
const HYSTERESIS = 0.1;

/** Less than this many seconds a day is rounding. */
const EPSILON = 1e-9;

/** Exchanges from one start: far more than any history needs, so that the time is bounded all the same. */
const MOST_EXCHANGES = 300;

/** Chosen items, those that save least per byte, without each of which it is tried whether several others save more. */
const MOST_REFILLS = 16;

/**
 * The items that are to be kept or made: those that save most together within the budget. Finding the best is
 * NP-hard (weighted maximum coverage with sizes); this is
 *
 * 1. what there is, improved: whatever pays and fits is added, and an item that does not fit takes the place of those
 *    that save least per byte, when that pays;
 * 2. the same from nothing, begun greedily by seconds per byte, and by seconds;
 *
 * and the best of these, where giving up images that exist has to pay. Deterministic. What it gives is given again
 * when it exists.
 *
 * @param budget what is left for the items
 */
export function selectImages(input: CoverageInput, budget: LearningBudget): ReadonlySet<number> {
  const existing = input.items.flatMap(({ exists }, place) => (exists ? [place] : []));
  const order = byStandalone(input);
  let best = improved(input, budget, order, existing, undefined);
  for (const rank of ['density', 'value'] as const) {
    const other = improved(input, budget, order, [], rank);
    const givesUp = [...best.chosen].some(
      (place) => input.items[place]?.exists === true && !other.chosen.has(place),
    );
    const enough = best.value() * (givesUp ? 1 + HYSTERESIS : 1) + EPSILON;
    if (other.value() > enough) best = other;
  }
  return best.chosen;
}

/** Those that save most on their own first; of equal ones what exists, then as given. */
function byStandalone(input: CoverageInput): readonly number[] {
  const empty = createCoverage(input);
  return input.items
    .map(({ exists }, place) => ({ place, exists, gain: empty.gain(place) }))
    .filter(({ gain, exists }) => exists || gain > EPSILON)
    .sort(
      (first, second) =>
        second.gain - first.gain ||
        Number(second.exists) - Number(first.exists) ||
        first.place - second.place,
    )
    .map(({ place }) => place);
}

function improved(
  input: CoverageInput,
  budget: LearningBudget,
  order: readonly number[],
  start: readonly number[],
  rank: 'density' | 'value' | undefined,
): Coverage {
  const coverage = createCoverage(input);
  for (const place of start) coverage.add(place);
  shrink(coverage, input, budget);
  if (rank !== undefined) fill(coverage, input, budget, order, rank);
  let left = MOST_EXCHANGES;
  do left = exchangeAll(coverage, input, budget, order, left);
  while (left > 0 && refillOne(coverage, input, budget, order));
  // What saves nothing now may save something again: it stays where nothing needs its room.
  for (const place of order) {
    if (input.items[place]?.exists !== true || coverage.chosen.has(place)) continue;
    if (fits(coverage, input, budget, place)) coverage.add(place);
  }
  return coverage;
}

/** Adds what fits and exchanges what pays until nothing does any more; gives how many exchanges are left. */
function exchangeAll(
  coverage: Coverage,
  input: CoverageInput,
  budget: LearningBudget,
  order: readonly number[],
  most: number,
): number {
  let left = most;
  for (let changed = true; changed; ) {
    changed = false;
    for (const place of order) {
      if (coverage.chosen.has(place) || coverage.gain(place) <= EPSILON) continue;
      if (fits(coverage, input, budget, place)) coverage.add(place);
      else if (left > 0 && exchange(coverage, input, budget, place)) left -= 1;
      else continue;
      changed = true;
    }
  }
  return left;
}

/** Puts several items in the place of one, where that saves more; says whether it did. */
function refillOne(
  coverage: Coverage,
  input: CoverageInput,
  budget: LearningBudget,
  order: readonly number[],
): boolean {
  const weakest = [...coverage.chosen]
    .map((place) => ({ place, density: coverage.loss(place) / size(input, place) }))
    .sort((first, second) => first.density - second.density || first.place - second.place)
    .slice(0, MOST_REFILLS);
  for (const { place } of weakest) {
    const before = coverage.value();
    const kept = new Set(coverage.chosen);
    coverage.remove(place);
    const without = coverage.value();
    fill(
      coverage,
      input,
      budget,
      order.filter((other) => other !== place),
      'density',
    );
    const victims = [{ other: place, loss: before - without }];
    if (pays(input, victims, before, without, coverage.value())) return true;
    for (const added of [...coverage.chosen]) if (!kept.has(added)) coverage.remove(added);
    coverage.add(place);
  }
  return false;
}

/** Leaves out what saves least per byte until the rest is within the budget. */
function shrink(coverage: Coverage, input: CoverageInput, budget: LearningBudget): void {
  while (coverage.bytes() > budget.bytes || coverage.chosen.size > budget.images) {
    let least = -1;
    let leastDensity = Number.POSITIVE_INFINITY;
    for (const place of coverage.chosen) {
      const density = coverage.loss(place) / size(input, place);
      if (density < leastDensity) {
        least = place;
        leastDensity = density;
      }
    }
    if (least < 0) return;
    coverage.remove(least);
  }
}

/** Adds what adds most, for its size or at all, as long as something fits. Gains only shrink, so most need no second look. */
function fill(
  coverage: Coverage,
  input: CoverageInput,
  budget: LearningBudget,
  order: readonly number[],
  rank: 'density' | 'value',
): void {
  const rate = (place: number): number => {
    const gain = coverage.gain(place);
    return gain <= EPSILON ? 0 : rank === 'density' ? gain / size(input, place) : gain;
  };
  // Ascending, so that the most promising is at the end; of equal ones the first in `order`.
  const queue = order
    .filter((place) => !coverage.chosen.has(place))
    .map((place) => ({ place, rate: rate(place) }))
    .reverse()
    .sort((first, second) => first.rate - second.rate);
  for (let top = queue.pop(); top !== undefined; top = queue.pop()) {
    if (!fits(coverage, input, budget, top.place)) continue;
    const now = rate(top.place);
    if (now <= 0) continue;
    if (now >= (queue.at(-1)?.rate ?? 0)) coverage.add(top.place);
    else insert(queue, { place: top.place, rate: now });
  }
}

interface Rated {
  readonly place: number;
  readonly rate: number;
}

function insert(queue: Rated[], rated: Rated): void {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((queue[middle]?.rate ?? 0) < rated.rate) low = middle + 1;
    else high = middle;
  }
  queue.splice(low, 0, rated);
}

/** Puts the item in the place of others, where that saves more; says whether it did. */
function exchange(coverage: Coverage, input: CoverageInput, budget: LearningBudget, place: number): boolean {
  const bytes = size(input, place);
  if (bytes > budget.bytes || budget.images < 1) return false;
  const gain = coverage.gain(place);
  const losses = [...coverage.lossesBeside(place)].map(([other, loss]) => ({ other, loss }));
  for (const victims of [
    cheapest(coverage, input, budget, bytes, losses, (other, loss) => loss / size(input, other)),
    cheapest(coverage, input, budget, bytes, losses, (_, loss) => loss),
  ]) {
    // Together they are missed at least as much as one by one.
    const atLeast = victims.reduce((sum, { loss }) => sum + loss, 0);
    if (atLeast >= gain) continue;
    const before = coverage.value();
    const [only] = victims;
    if (
      only !== undefined &&
      victims.length === 1 &&
      !pays(input, victims, before, before - coverage.loss(only.other), before + gain - only.loss)
    )
      continue;
    for (const { other } of victims) coverage.remove(other);
    const without = coverage.value();
    const after = without + coverage.gain(place);
    if (pays(input, victims, before, without, after)) {
      coverage.add(place);
      return true;
    }
    for (const { other } of victims) coverage.add(other);
  }
  return false;
}

interface Victim {
  readonly other: number;
  readonly loss: number;
}

/** Whether what comes in the place of the victims is worth enough more; all values are of the whole. */
function pays(
  input: CoverageInput,
  victims: readonly Victim[],
  before: number,
  without: number,
  after: number,
): boolean {
  const existed = victims.some(({ other }) => input.items[other]?.exists === true);
  const needed = existed ? without + (before - without) * (1 + HYSTERESIS) : before;
  return after > needed + EPSILON;
}

/** Those of the least rank that make enough room, without those that turn out not to be needed. */
function cheapest(
  coverage: Coverage,
  input: CoverageInput,
  budget: LearningBudget,
  bytes: number,
  losses: readonly Victim[],
  rank: (other: number, loss: number) => number,
): readonly Victim[] {
  let freeBytes = budget.bytes - coverage.bytes();
  let freeImages = budget.images - coverage.chosen.size;
  const victims: Victim[] = [];
  const sorted = [...losses].sort(
    (first, second) =>
      rank(first.other, first.loss) - rank(second.other, second.loss) || first.other - second.other,
  );
  for (const victim of sorted) {
    if (freeBytes >= bytes && freeImages >= 1) break;
    victims.push(victim);
    freeBytes += size(input, victim.other);
    freeImages += 1;
  }
  const needed: Victim[] = [];
  // The dearest first: it may be that those after it made room enough.
  for (const victim of [...victims].reverse()) {
    const spare = size(input, victim.other);
    if (freeBytes - spare >= bytes && freeImages - 1 >= 1) {
      freeBytes -= spare;
      freeImages -= 1;
    } else needed.push(victim);
  }
  return needed;
}

function fits(coverage: Coverage, input: CoverageInput, budget: LearningBudget, place: number): boolean {
  return coverage.chosen.size < budget.images && coverage.bytes() + size(input, place) <= budget.bytes;
}

function size(input: CoverageInput, place: number): number {
  return input.items[place]?.bytes ?? 0;
}
