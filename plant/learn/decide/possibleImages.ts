import type { GoldenImage } from '../../../model/goldenImage.js';
import { createCandidateSearch } from './candidateSets.js';
import type { CompiledShape, History, ProfileGroup } from './compiledShape.js';
import type { Item } from './coverage.js';
import { wholeBytes } from './fate.js';
import { collectWorth, setSeconds, type Worth } from './imageWorth.js';
import type { LearningInput } from './learning.js';
import { bakedImage, type MachineFit } from './machineFit.js';
import type { Serving, ServingSet } from './servedShapes.js';

/** An image that could be baked. */
export interface Possible {
  readonly item: Item;
  readonly set: ServingSet;
}

interface PossibleInput {
  readonly input: LearningInput;
  readonly history: History;
  readonly fits: ReadonlyMap<ProfileGroup, MachineFit>;
  readonly serving: Serving;
  /** Images that stay, one of which it is baked from. */
  readonly sources: readonly GoldenImage[];
  /** Seconds that the images that stay save, by place of the shape. */
  readonly baseline: Float64Array;
}

/** Of the images that could be baked, so many with the most seconds a day are considered, and so many by seconds per byte. */
const MOST_BY_RANK = 400;

const DAY_SECONDS = 86_400;

/**
 * The images that could be baked and would save something over those that stay, in a fixed order. Each is downward
 * closed in at least one shape, has an order of performing that every shape which it is for allows, and can be made
 * from an image that stays.
 */
export function possibleImages(context: PossibleInput): readonly Possible[] {
  const search = createCandidateSearch(context.history.symbols);
  const possible = context.history.groups.flatMap((group) => {
    const sources = sourcesOf(group, context);
    if (sources.length === 0) return [];
    const sets = context.serving.candidates(group, search(group, bytesOf(group, context)));
    const startable = sets.filter((set) => sources.some((source) => isBegunBy(set, source, context.history)));
    return worthsOf(group, startable, sources, context).flatMap((worth, place) => {
      const set = startable[place];
      return set === undefined ? [] : rate(group, set, worth, context);
    });
  });
  const byGain = [...possible].sort((first, second) => second.gain - first.gain);
  const byDensity = [...possible].sort(
    (first, second) => second.gain / second.item.bytes - first.gain / first.item.bytes,
  );
  const considered = new Set([...byGain.slice(0, MOST_BY_RANK), ...byDensity.slice(0, MOST_BY_RANK)]);
  return possible.filter((one) => considered.has(one));
}

/** What an action is expected to add to the size of an image. */
function bytesOf(group: ProfileGroup, { history, input }: PossibleInput): (symbol: number) => number {
  const none = input.estimateBytes(group.profile, []);
  return (symbol) => input.estimateBytes(group.profile, [history.symbols.keys[symbol] ?? '']) - none;
}

interface Rated extends Possible {
  /** Seconds a day over the images that stay. */
  readonly gain: number;
}

/** Images that the profile's machines can be made from; those that have performed least, then the first by name, first. */
function sourcesOf(group: ProfileGroup, { sources, fits }: PossibleInput): readonly GoldenImage[] {
  return sources
    .filter((image) => fits.get(group)?.bootSeconds(image) !== undefined)
    .sort(
      (first, second) =>
        first.performed.length - second.performed.length || (first.name < second.name ? -1 : 1),
    );
}

/** Whether what the source performed is how the set begins, so that the rest can be performed in it. */
function isBegunBy({ order }: ServingSet, source: GoldenImage, { symbols }: History): boolean {
  return source.performed.every(({ key }, place) => symbols.keys[order[place] ?? -1] === key);
}

/**
 * What each set would be worth once it is baked: to the shapes that it is for, and to those of the domain's other
 * profiles that can use its disk, by the same tests as if it existed.
 */
function worthsOf(
  group: ProfileGroup,
  sets: readonly ServingSet[],
  sources: readonly GoldenImage[],
  context: PossibleInput,
): readonly Worth[] {
  const { history, fits, input } = context;
  const [base] = sources;
  if (base === undefined) return [];
  const baked = bakedImage(group.profile, base, input);
  const collected = sets.map(collectWorth);
  for (const other of history.groups) {
    if (other.profile.clientDomain !== group.profile.clientDomain) continue;
    const boot = fits.get(other)?.bootSeconds(baked);
    if (boot === undefined) continue;
    const performed = sets.map(({ order }) => ({
      order,
      performedAt: new Float64Array(order.length).fill(input.now),
    }));
    const served =
      other === group
        ? sets.map(({ shapes }) => shapes)
        : context.serving.images(other, performed, input.now);
    sets.forEach(({ order }, place) => {
      const saved = setSeconds(history, order) - boot;
      for (const { index } of served[place] ?? []) collected[place]?.add(index, saved);
    });
  }
  return collected.map(({ worth }) => worth());
}

function rate(
  group: ProfileGroup,
  set: ServingSet,
  worth: Worth,
  { baseline, history, input }: PossibleInput,
): readonly Rated[] {
  let gain = 0;
  for (let at = 0; at < worth.shapes.length; at++) {
    const shape = worth.shapes[at] ?? 0;
    const more = (worth.seconds[at] ?? 0) - (baseline[shape] ?? 0);
    if (more > 0) gain += more * (history.shapes[shape]?.weight ?? 0);
  }
  if (gain <= 0 || gain * lifetimeDays(set) < setSeconds(history, set.order)) return [];
  const keys = Array.from(set.order, (symbol) => history.symbols.keys[symbol] ?? '');
  const bytes = wholeBytes(input.estimateBytes(group.profile, keys));
  if (bytes > input.budget.bytes) return [];
  return [{ gain, set, item: { bytes, worth, exists: false } }];
}

/**
 * How long what is baked serves the most patient of its shapes. An image that is too old before it has saved as much
 * work as its bake takes would be baked again and again for nothing.
 */
function lifetimeDays({ order, shapes }: ServingSet): number {
  let longest = 0;
  for (const shape of shapes) {
    longest = Math.max(longest, oldest(shape, order));
    if (longest === Number.POSITIVE_INFINITY) break;
  }
  return longest / (1000 * DAY_SECONDS);
}

/** Milliseconds that the shape allows the set to be old. */
function oldest(shape: CompiledShape, order: readonly number[]): number {
  const { maxAge } = shape;
  if (maxAge === undefined) return Number.POSITIVE_INFINITY;
  const members = new Set(order);
  let limit = Number.POSITIVE_INFINITY;
  shape.symbols.forEach((symbol, at) => {
    if (members.has(symbol)) limit = Math.min(limit, maxAge[at] ?? limit);
  });
  return limit;
}
