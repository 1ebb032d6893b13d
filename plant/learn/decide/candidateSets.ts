import type { CompiledShape, ProfileGroup, Symbols } from './compiledShape.js';
import { createSetCollector, type SetCollector } from './setCollector.js';

/**
 * A set of actions that an image might have performed. `order` is one in which `from` allows them; whom else it
 * serves, and in which order, is found out by `serveCandidates`.
 */
export interface CandidateSet {
  readonly from: CompiledShape;
  /** Symbols. */
  readonly order: readonly number[];
}

/** Whole shapes that are considered, those with the most work a day. */
const MOST_WHOLE_SHAPES = 1000;
/** Shapes, those with the most work a day, of which every two are compared. */
const MOST_PAIRED_SHAPES = 200;
/** Sets, those with the most work a day, of which every two are intersected once more. */
const MOST_PAIRED_SETS = 64;
/** Sets, those with the most work a day, of which parts are taken. */
const MOST_PARTED_SETS = 32;
/** Sets that are kept of one profile: more distinct ones, and those with the least work a day are left out. */
const MOST_SETS = 2000;

/**
 * Downward-closed sets of actions that orders of one profile have in common, from four sources:
 *
 * 1. whole shapes;
 * 2. for every action, what all shapes that have it have in common, and that again without the shapes that would cost
 *    more than they add: with recipes that branch like a tree these are all its nodes, whatever the number of shapes;
 * 3. the largest common part of every two of the busiest shapes: what both can perform, each action after all that
 *    either wants before it, so that their orders together have no cycle;
 * 4. intersections of the busiest sets found so far;
 * 5. parts of the busiest sets found so far: each action with what it needs, and the set without what saves least for
 *    its bytes, or without what takes most, action by action, down to one. Where room is short, a part may be worth
 *    more for its size than the whole.
 *
 * The bounds above keep it within O(size of the history x length of a shape), and a constant for 3, 4 and 5.
 */
export function createCandidateSearch(
  symbols: Symbols,
): (group: ProfileGroup, bytesOf: (symbol: number) => number) => readonly CandidateSet[] {
  const size = symbols.keys.length;
  const narrow = createNarrowing(size);
  const common = createPairing(size);
  const member = new Int32Array(size);
  return (group, bytesOf) => {
    const collector = ofAskedTwice(createSetCollector(symbols.seconds), group, size);
    const busiest = [...group.shapes].sort(
      (first, second) => work(second, symbols) - work(first, symbols) || first.index - second.index,
    );
    for (const shape of busiest.slice(0, MOST_WHOLE_SHAPES)) {
      collector.add(shape, shape.symbols, shape.weight);
    }
    addCommonToAction(group, symbols, narrow, collector);
    addCommonToPairs(busiest.slice(0, MOST_PAIRED_SHAPES), common, collector);
    addIntersections(collector, member);
    addParts(collector, symbols, bytesOf);
    return collector.best(MOST_SETS);
  };
}

/**
 * Takes of every set only the part that a second order of the profile asked for, too. What a single order ever held may
 * be a secret, and an image would keep it; it is also what will most likely never be asked for again.
 */
function ofAskedTwice(collector: SetCollector, group: ProfileGroup, size: number): SetCollector {
  const orders = new Int32Array(size);
  for (const { symbols, times } of group.shapes) {
    for (const symbol of symbols) orders[symbol] = (orders[symbol] ?? 0) + times.length;
  }
  const inPart = new Uint8Array(size);
  return {
    ...collector,
    add: (from, set, weight) => {
      if (set.every((symbol) => (orders[symbol] ?? 0) > 1)) {
        collector.add(from, set, weight);
        return;
      }
      const wanted = new Set(set);
      const part: number[] = [];
      from.symbols.forEach((symbol, at) => {
        if (!wanted.has(symbol) || (orders[symbol] ?? 0) < 2) return;
        const before = from.predecessors.slice(from.starts[at], from.starts[at + 1]);
        if (!before.every((other) => inPart[other] === 1)) return;
        inPart[symbol] = 1;
        part.push(symbol);
      });
      for (const symbol of part) inPart[symbol] = 0;
      if (part.length > 0) collector.add(from, part, weight);
    },
  };
}

function work(shape: CompiledShape, symbols: Symbols): number {
  let seconds = 0;
  for (const symbol of shape.symbols) seconds += symbols.seconds[symbol] ?? 0;
  return seconds * shape.weight;
}

/** Source 2. */
function addCommonToAction(
  group: ProfileGroup,
  symbols: Symbols,
  narrow: Narrow,
  collector: SetCollector,
): void {
  const having = new Map<number, number[]>();
  group.shapes.forEach((shape, place) => {
    for (const symbol of shape.symbols) {
      const places = having.get(symbol);
      if (places === undefined) having.set(symbol, [place]);
      else places.push(place);
    }
  });
  const seen = new Set<string>();
  for (const places of having.values()) {
    // What only one shape has belongs to that shape alone.
    if (places.length < 2) continue;
    // Actions that always go together have the same shapes, and the same sets would come of them.
    const signature = `${places.length} ${places[0]} ${places.at(-1)} ${places.reduce(mix, 0)}`;
    if (seen.has(signature)) continue;
    seen.add(signature);
    const [first = 0] = places;
    const from = group.shapes[first];
    if (from === undefined) continue;
    let all: readonly number[] = from.symbols;
    let worthwhile: readonly number[] = from.symbols;
    let allWeight = from.weight;
    let worthwhileWeight = from.weight;
    for (let next = 1; next < places.length; next++) {
      const shape = group.shapes[places[next] ?? 0];
      if (shape === undefined) continue;
      const same = worthwhile === all;
      all = narrow(from, all, shape);
      allWeight += shape.weight;
      const narrowed = same ? all : narrow(from, worthwhile, shape);
      const before = secondsOf(worthwhile, symbols) * worthwhileWeight;
      const after = secondsOf(narrowed, symbols) * (worthwhileWeight + shape.weight);
      if (after >= before) {
        worthwhile = narrowed;
        worthwhileWeight += shape.weight;
      }
      if (all.length === 0 && worthwhile.length === 0) break;
    }
    collector.add(from, all, allWeight);
    collector.add(from, worthwhile, worthwhileWeight);
  }
}

function mix(hash: number, place: number): number {
  return (Math.imul(hash ^ place, 0x01000193) + 0x9e3779b9) | 0;
}

function secondsOf(order: readonly number[], symbols: Symbols): number {
  let seconds = 0;
  for (const symbol of order) seconds += symbols.seconds[symbol] ?? 0;
  return seconds;
}

/** Gives what of a downward-closed part of `from` is a downward-closed part of `other` too. Orders are not compared. */
type Narrow = (from: CompiledShape, part: readonly number[], other: CompiledShape) => readonly number[];

function createNarrowing(size: number): Narrow {
  const kept = new Int32Array(size);
  const inOther = new Int32Array(size);
  const position = new Int32Array(size);
  const inFrom = new Int32Array(size);
  let stamp = 0;
  let loaded: CompiledShape | undefined;
  return (from, part, other) => {
    stamp += 1;
    if (loaded !== from) {
      loaded = from;
      from.symbols.forEach((symbol, at) => {
        inFrom[symbol] = at;
      });
    }
    for (let at = 0; at < other.symbols.length; at++) {
      const symbol = other.symbols[at] ?? 0;
      inOther[symbol] = stamp;
      position[symbol] = at;
    }
    let current: number[] = [];
    for (const symbol of part) {
      if (inOther[symbol] === stamp) {
        kept[symbol] = stamp;
        current.push(symbol);
      }
    }
    if (current.length === part.length && closed(other, current)) return part;
    // Leaving one out may leave others without what they need, in either shape.
    for (let before = -1; before !== current.length; ) {
      before = current.length;
      current = current.filter((symbol) => {
        const stays =
          hasPredecessors(other, position[symbol] ?? 0) && hasPredecessors(from, inFrom[symbol] ?? 0);
        if (!stays) kept[symbol] = 0;
        return stays;
      });
    }
    return current;
  };

  function closed(shape: CompiledShape, current: readonly number[]): boolean {
    for (const symbol of current) if (!hasPredecessors(shape, position[symbol] ?? 0)) return false;
    return true;
  }

  function hasPredecessors(shape: CompiledShape, at: number): boolean {
    const end = shape.starts[at + 1] ?? 0;
    for (let edge = shape.starts[at] ?? 0; edge < end; edge++) {
      if (kept[shape.predecessors[edge] ?? 0] !== stamp) return false;
    }
    return true;
  }
}

/** Source 3. */
function addCommonToPairs(shapes: readonly CompiledShape[], common: Pairing, collector: SetCollector): void {
  shapes.forEach((other, place) => {
    common.load(other);
    for (const from of shapes.slice(0, place)) {
      collector.add(from, common.with(from), from.weight + other.weight);
    }
  });
}

interface Pairing {
  readonly load: (shape: CompiledShape) => void;
  /** What both this shape and the loaded one can perform, in an order that both allow. */
  readonly with: (shape: CompiledShape) => readonly number[];
}

function createPairing(size: number): Pairing {
  const position = new Int32Array(size);
  const inOther = new Int32Array(size);
  const performed = new Int32Array(size);
  let other: CompiledShape | undefined;
  let loads = 0;
  let pairs = 0;

  function ready(shape: CompiledShape, at: number): boolean {
    const end = shape.starts[at + 1] ?? 0;
    for (let edge = shape.starts[at] ?? 0; edge < end; edge++) {
      if (performed[shape.predecessors[edge] ?? 0] !== pairs) return false;
    }
    return true;
  }

  return {
    load: (shape) => {
      other = shape;
      loads += 1;
      for (let at = 0; at < shape.symbols.length; at++) {
        const symbol = shape.symbols[at] ?? 0;
        inOther[symbol] = loads;
        position[symbol] = at;
      }
    },
    with: (shape) => {
      pairs += 1;
      const order: number[] = [];
      if (other === undefined) return order;
      // Again while something was performed: the other may want before it what is written later here.
      for (let before = -1; before !== order.length; ) {
        before = order.length;
        for (let at = 0; at < shape.symbols.length; at++) {
          const symbol = shape.symbols[at] ?? 0;
          if (inOther[symbol] !== loads || performed[symbol] === pairs) continue;
          if (!ready(shape, at) || !ready(other, position[symbol] ?? 0)) continue;
          performed[symbol] = pairs;
          order.push(symbol);
        }
      }
      return order;
    },
  };
}

/** Source 4. Whether they are downward closed in any shape shows when it is looked for whom they serve. */
function addIntersections(collector: SetCollector, member: Int32Array): void {
  const sets = collector.best(MOST_PAIRED_SETS);
  sets.forEach((first, place) => {
    for (const symbol of first.order) member[symbol] = place + 1;
    for (const second of sets.slice(place + 1)) {
      const both = second.order.filter((symbol) => member[symbol] === place + 1);
      collector.add(second.from, both, Math.max(first.weight, second.weight));
    }
  });
  for (const { order } of sets) for (const symbol of order) member[symbol] = 0;
}

/** Source 5. */
function addParts(collector: SetCollector, symbols: Symbols, bytesOf: (symbol: number) => number): void {
  const rate = (symbol: number): number => (symbols.seconds[symbol] ?? 0) / Math.max(1, bytesOf(symbol));
  for (const { from, order, weight } of collector.best(MOST_PARTED_SETS)) {
    const position = new Map(from.symbols.map((symbol, at) => [symbol, at]));
    const before = new Map(order.map((symbol) => [symbol, predecessors(from, position.get(symbol) ?? 0)]));
    for (const symbol of order) collector.add(from, withNeeded(symbol, order, before), weight);
    for (const rank of [rate, (symbol: number) => -bytesOf(symbol)]) {
      for (let rest = withoutLeast(order, before, rank); rest.length > 0; ) {
        collector.add(from, rest, weight);
        rest = withoutLeast(rest, before, rank);
      }
    }
  }
}

function predecessors(shape: CompiledShape, at: number): readonly number[] {
  return shape.predecessors.slice(shape.starts[at], shape.starts[at + 1]);
}

/** The action and all that comes before it, in the given order, which is one that the DAG allows. */
function withNeeded(
  symbol: number,
  order: readonly number[],
  before: ReadonlyMap<number, readonly number[]>,
): readonly number[] {
  const needed = new Set([symbol]);
  for (const other of [...order].reverse()) {
    if (needed.has(other)) for (const earlier of before.get(other) ?? []) needed.add(earlier);
  }
  return order.filter((other) => needed.has(other));
}

/** Only what nothing of the set comes after is taken away, so what is left is downward closed. */
function withoutLeast(
  set: readonly number[],
  before: ReadonlyMap<number, readonly number[]>,
  rank: (symbol: number) => number,
): readonly number[] {
  const needed = new Set(set.flatMap((symbol) => before.get(symbol) ?? []));
  let least: number | undefined;
  for (const symbol of set) {
    if (!needed.has(symbol) && (least === undefined || rank(symbol) < rank(least))) least = symbol;
  }
  return set.filter((symbol) => symbol !== least);
}
