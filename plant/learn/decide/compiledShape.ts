import { canonicalJson, compareCodeUnits } from '../../../model/canonical.js';
import { expectedUsesPerDay } from './expectedUses.js';
import type { LearningInput, ShapeUses } from './learning.js';
import type { MachineProfile, OrderShape } from './orderShape.js';

/**
 * A shape in numbers, as the decision looks at it some hundred thousand times. Actions stand in an order that the
 * DAG allows and are named by symbols: small numbers that mean the same action in every shape.
 *
 * Where a shape has a key more than once, each of the equal actions has a symbol of its own, counted along the DAG,
 * and the earlier one is taken to precede the later. That is one of the ways in which the planner may read an image,
 * so what serves a shape here serves it there; in rare shapes the planner finds a way more.
 */
export interface CompiledShape {
  /** Its place in `History.shapes`. */
  readonly index: number;
  readonly shape: OrderShape;
  readonly times: readonly number[];
  /** Expected uses a day. */
  readonly weight: number;
  readonly symbols: readonly number[];
  /** Of every symbol: its place in `shape.actions`. */
  readonly places: readonly number[];
  /** Predecessors, as symbols: those of the n-th action are predecessors[starts[n]..starts[n + 1]). */
  readonly predecessors: readonly number[];
  readonly starts: readonly number[];
  /** Milliseconds after which what was performed no longer serves; infinite for never. Absent: none of it ages. */
  readonly maxAge?: readonly number[];
}

/** Shapes of one profile: only these are learned from together. */
export interface ProfileGroup {
  readonly profile: MachineProfile;
  /** The most often expected first. */
  readonly shapes: readonly CompiledShape[];
}

/** All remembered orders in numbers. */
export interface History {
  /** By digest, so that the order in which they were given does not matter. */
  readonly shapes: readonly CompiledShape[];
  readonly groups: readonly ProfileGroup[];
  readonly symbols: Symbols;
}

/** What the symbols stand for, by symbol. */
export interface Symbols {
  readonly keys: readonly string[];
  readonly seconds: readonly number[];
  /** The symbol of the n-th (from 0) action of this key; undefined when no shape has so many. */
  readonly find: (key: string, occurrence: number) => number | undefined;
}

/** What an action is expected to take that nobody has measured; the planner expects the same. */
const DEFAULT_SECONDS = 1;

/** O(orders + actions + edges). */
export function compileHistory(input: Pick<LearningInput, 'history' | 'seconds' | 'now'>): History {
  const symbols = createSymbols(input.seconds);
  const shapes: CompiledShape[] = [];
  const byProfile = new Map<string, { readonly profile: MachineProfile; readonly shapes: CompiledShape[] }>();
  for (const { shape, times } of mergeEqual(input.history)) {
    if (shape.actions.length === 0) continue;
    const weight = expectedUsesPerDay(times, input.now);
    const compiled = compileShape(shape, times, weight, shapes.length, symbols.intern);
    shapes.push(compiled);
    const profile = profileText(shape.profile);
    const group = byProfile.get(profile);
    if (group === undefined) byProfile.set(profile, { profile: shape.profile, shapes: [compiled] });
    else group.shapes.push(compiled);
  }
  const groups = [...byProfile].sort(([first], [second]) => compareCodeUnits(first, second));
  return {
    shapes,
    groups: groups.map(([, { profile, shapes: members }]) => ({
      profile,
      shapes: members.sort((first, second) => second.weight - first.weight || first.index - second.index),
    })),
    symbols,
  };
}

/** By digest; the uses of shapes that are given more than once are put together. */
function mergeEqual(history: readonly ShapeUses[]): readonly ShapeUses[] {
  const sorted = [...history].sort((first, second) =>
    compareCodeUnits(first.shape.digest, second.shape.digest),
  );
  const merged: ShapeUses[] = [];
  for (const uses of sorted) {
    const last = merged.at(-1);
    if (last?.shape.digest === uses.shape.digest) {
      const times = [...last.times, ...uses.times].sort((first, second) => first - second);
      merged[merged.length - 1] = { shape: last.shape, times };
    } else merged.push(uses);
  }
  return merged;
}

function profileText(profile: MachineProfile): string {
  const { hardware, operatingSystem, network, line, clientDomain } = profile;
  return canonicalJson({
    hardware: { ...hardware },
    operatingSystem: { ...operatingSystem },
    network,
    line,
    clientDomain,
  });
}

interface GrowingSymbols extends Symbols {
  readonly intern: (key: string, occurrence: number) => number;
}

function createSymbols(measured: ReadonlyMap<string, number>): GrowingSymbols {
  const keys: string[] = [];
  const seconds: number[] = [];
  const first = new Map<string, number>();
  /** Of keys that a shape has more than once: the symbols of the second, third... occurrence. */
  const further = new Map<string, number[]>();

  function make(key: string): number {
    keys.push(key);
    const took = measured.get(key) ?? DEFAULT_SECONDS;
    seconds.push(Number.isFinite(took) && took > 0 ? took : 0);
    return keys.length - 1;
  }

  return {
    keys,
    seconds,
    find: (key, occurrence) => (occurrence === 0 ? first.get(key) : further.get(key)?.[occurrence - 1]),
    intern: (key, occurrence) => {
      if (occurrence === 0) {
        const known = first.get(key);
        if (known !== undefined) return known;
        const made = make(key);
        first.set(key, made);
        return made;
      }
      const known = further.get(key) ?? [];
      further.set(key, known);
      while (known.length < occurrence) known.push(make(key));
      return known[occurrence - 1] ?? 0;
    },
  };
}

function compileShape(
  shape: OrderShape,
  times: readonly number[],
  weight: number,
  index: number,
  intern: GrowingSymbols['intern'],
): CompiledShape {
  const { actions } = shape;
  const sorted = sortByDepth(shape);
  const symbolOf: number[] = actions.map(() => 0);
  const seen = new Map<number, { occurrences: number; last: number }>();
  const symbols: number[] = [];
  const starts: number[] = [0];
  const predecessors: number[] = [];
  for (const place of sorted) {
    const action = actions[place];
    let symbol = intern(action?.key ?? '', 0);
    for (const before of action?.after ?? []) predecessors.push(symbolOf[before] ?? 0);
    const same = seen.get(symbol);
    if (same === undefined) seen.set(symbol, { occurrences: 1, last: symbol });
    else {
      symbol = intern(action?.key ?? '', same.occurrences);
      predecessors.push(same.last);
      same.occurrences += 1;
      same.last = symbol;
    }
    symbolOf[place] = symbol;
    symbols.push(symbol);
    starts.push(predecessors.length);
  }
  const ages = actions.some(({ maxAgeSeconds }) => maxAgeSeconds !== undefined);
  return {
    index,
    shape,
    times,
    weight,
    symbols,
    places: sorted,
    predecessors,
    starts,
    ...(ages
      ? { maxAge: sorted.map((place) => (actions[place]?.maxAgeSeconds ?? Number.POSITIVE_INFINITY) * 1000) }
      : {}),
  };
}

/**
 * Places by the length of the longest path that leads to them, then as written: an order that the DAG allows, also
 * with an edge from each action to the next of the same key.
 */
function sortByDepth({ actions }: OrderShape): readonly number[] {
  const depth: number[] = actions.map(() => -1);
  let sorted = true;
  let before = 0;
  for (let place = 0; place < actions.length; place++) {
    const found = depthOf(place, actions, depth);
    if (found < before) sorted = false;
    before = found;
  }
  const places = actions.map((_, place) => place);
  if (sorted) return places;
  return places.sort((first, second) => (depth[first] ?? 0) - (depth[second] ?? 0) || first - second);
}

/** @param depth of those that are known already, else -1; this one and those before it are filled in */
function depthOf(place: number, actions: OrderShape['actions'], depth: number[]): number {
  const pending = [place];
  // No recursion: a path may be a thousand actions long.
  for (let top = pending.at(-1); top !== undefined; top = pending.at(-1)) {
    let deepest = 0;
    const known = pending.length;
    for (const other of actions[top]?.after ?? []) {
      const found = depth[other] ?? 0;
      if (found < 0) pending.push(other);
      else if (found >= deepest) deepest = found + 1;
    }
    if (pending.length > known) continue;
    depth[top] = deepest;
    pending.pop();
  }
  return depth[place] ?? 0;
}
