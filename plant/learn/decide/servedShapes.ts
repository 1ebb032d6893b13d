import type { CandidateSet } from './candidateSets.js';
import { commonOrder } from './commonOrder.js';
import type { CompiledShape, ProfileGroup } from './compiledShape.js';

/** A set of actions, the order in which to perform them, and whom that serves. */
export interface ServingSet {
  /** Symbols, in the order of performing. */
  readonly order: readonly number[];
  /** Shapes that it serves, the most often expected first; never empty. */
  readonly shapes: readonly CompiledShape[];
}

/** What was performed, and when; see `servedShapes`. */
export interface PerformedSet {
  /** Symbols, in the order of performing. */
  readonly order: readonly number[];
  /** By place in `order`: milliseconds since the epoch. */
  readonly performedAt: Float64Array;
}

/**
 * How much is looked at, in actions of shapes, to find orders of performing for the sets of one profile; those that
 * are left then serve the shapes that their first order suits. Only histories in which many shapes contradict one
 * another in many ways come near it.
 */
const MOST_REORDERING_WORK = 3_000_000;

/** Finds whom sets of actions serve, by the planner's three tests (VMPlants paper, section 3.2). */
export interface Serving {
  /**
   * For every set an order of performing that suits as many uses as can be, and the shapes that it then serves. The
   * shapes that are expected most often are suited first; one whose order contradicts theirs is left out. Sets that
   * serve nobody are left out.
   */
  readonly candidates: (group: ProfileGroup, sets: readonly CandidateSet[]) => readonly ServingSet[];
  /** For every image, by place, the shapes of the group that it serves: the three tests, and the maximum age. */
  readonly images: (
    group: ProfileGroup,
    images: readonly PerformedSet[],
    now: number,
  ) => readonly (readonly CompiledShape[])[];
}

/**
 * A set is only tried on shapes that have its rarest action, and fails at the first action that is not in place, so
 * all of it is about O(shapes x sets that they hold x length).
 *
 * @param symbolCount how many symbols there are; what is made here for so many is used again for every group
 */
export function createServing(symbolCount: number): Serving {
  const replay = createReplay(symbolCount);
  const shapesHaving = new Int32Array(symbolCount);
  return {
    candidates: (group, sets) => serveCandidates(group, sets, replay, shapesHaving),
    images: (group, images, now) => serveImages(group, images, replay, shapesHaving, now),
  };
}

function serveCandidates(
  group: ProfileGroup,
  sets: readonly CandidateSet[],
  replay: Replay,
  shapesHaving: Int32Array,
): readonly ServingSet[] {
  const drafts = sets.map(({ from, order }): Draft => ({ from, order, shapes: [], contradicting: [] }));
  const byRarest = groupByRarest(group, drafts, shapesHaving);
  let reorderingWork = 0;
  for (const shape of group.shapes) {
    replay.load(shape);
    for (const symbol of shape.symbols) {
      for (const draft of byRarest.get(symbol) ?? []) {
        const found = replay.test(draft.order);
        if (found === 'serves') draft.shapes.push(shape);
        else if (found === 'other-order') {
          reorderingWork += (draft.shapes.length + draft.order.length + 1) * shape.symbols.length;
          const order =
            reorderingWork < MOST_REORDERING_WORK
              ? commonOrder(draft.order, [...draft.shapes, shape])
              : undefined;
          if (order === undefined) draft.contradicting.push(shape);
          else {
            draft.order = order;
            draft.shapes.push(shape);
          }
        }
      }
    }
  }
  return drafts.flatMap((draft) => {
    // The order may have changed since these were found not to allow it.
    const more = draft.contradicting.filter((shape) => {
      replay.load(shape);
      return replay.test(draft.order) === 'serves';
    });
    const shapes = [...draft.shapes, ...more];
    return shapes.length === 0 ? [] : [{ order: draft.order, shapes }];
  });
}

interface Draft {
  readonly from: CompiledShape;
  order: readonly number[];
  readonly shapes: CompiledShape[];
  readonly contradicting: CompiledShape[];
}

function serveImages(
  group: ProfileGroup,
  images: readonly PerformedSet[],
  replay: Replay,
  shapesHaving: Int32Array,
  now: number,
): readonly (readonly CompiledShape[])[] {
  const drafts = images.map((image) => ({ ...image, shapes: [] as CompiledShape[] }));
  const byRarest = groupByRarest(group, drafts, shapesHaving);
  const always = drafts.filter(({ order }) => order.length === 0);
  for (const shape of group.shapes) {
    for (const draft of always) draft.shapes.push(shape);
    replay.load(shape);
    for (const symbol of shape.symbols) {
      for (const draft of byRarest.get(symbol) ?? []) {
        if (replay.test(draft.order) !== 'serves') continue;
        if (replay.isRecent(draft, now)) draft.shapes.push(shape);
      }
    }
  }
  return drafts.map(({ shapes }) => shapes);
}

/**
 * Sets by that of their symbols which the fewest shapes of the group have; sets with a symbol that none has are left
 * out.
 *
 * @param shapesHaving zero for every symbol, before and after
 */
function groupByRarest<T extends { readonly order: readonly number[] }>(
  group: ProfileGroup,
  sets: readonly T[],
  shapesHaving: Int32Array,
): ReadonlyMap<number, readonly T[]> {
  for (const { symbols } of group.shapes) {
    for (const symbol of symbols) shapesHaving[symbol] = (shapesHaving[symbol] ?? 0) + 1;
  }
  const byRarest = new Map<number, T[]>();
  for (const set of sets) {
    let rarest = -1;
    for (const symbol of set.order) {
      if (rarest < 0 || (shapesHaving[symbol] ?? 0) < (shapesHaving[rarest] ?? 0)) rarest = symbol;
    }
    if (rarest < 0 || shapesHaving[rarest] === 0) continue;
    const same = byRarest.get(rarest);
    if (same === undefined) byRarest.set(rarest, [set]);
    else same.push(set);
  }
  for (const { symbols } of group.shapes) for (const symbol of symbols) shapesHaving[symbol] = 0;
  return byRarest;
}

interface Replay {
  /** The shape that is tested against from now on. */
  readonly load: (shape: CompiledShape) => void;
  /** `other-order`: it is a subset and a prefix, but was not performed in an order that the shape allows. */
  readonly test: (order: readonly number[]) => 'serves' | 'other-order' | 'fails';
  /** Whether all that was performed is recent enough for the shape. Only asked of what serves. */
  readonly isRecent: (image: PerformedSet, now: number) => boolean;
}

function createReplay(symbolCount: number): Replay {
  const inShape = new Int32Array(symbolCount);
  const position = new Int32Array(symbolCount);
  const performed = new Int32Array(symbolCount);
  let loaded: CompiledShape | undefined;
  let loads = 0;
  let tests = 0;

  function hasPredecessors(shape: CompiledShape, symbol: number): boolean {
    const at = position[symbol] ?? 0;
    const end = shape.starts[at + 1] ?? 0;
    for (let edge = shape.starts[at] ?? 0; edge < end; edge++) {
      if (performed[shape.predecessors[edge] ?? 0] !== tests) return false;
    }
    return true;
  }

  return {
    load: (shape) => {
      loaded = shape;
      loads += 1;
      for (let at = 0; at < shape.symbols.length; at++) {
        const symbol = shape.symbols[at] ?? 0;
        inShape[symbol] = loads;
        position[symbol] = at;
      }
    },
    test: (order) => {
      const shape = loaded;
      if (shape === undefined || order.length > shape.symbols.length) return 'fails';
      // From the end: what comes last is what fewest shapes have.
      for (let at = order.length - 1; at >= 0; at--) {
        if (inShape[order[at] ?? 0] !== loads) return 'fails';
      }
      tests += 1;
      let inOrder = true;
      for (const symbol of order) {
        inOrder &&= hasPredecessors(shape, symbol);
        performed[symbol] = tests;
      }
      if (inOrder) return 'serves';
      // All of the set counts as performed now: whether any order would do.
      for (const symbol of order) if (!hasPredecessors(shape, symbol)) return 'fails';
      return 'other-order';
    },
    isRecent: ({ order, performedAt }, now) => {
      for (let at = 0; at < order.length; at++) {
        const limit = loaded?.maxAge?.[position[order[at] ?? 0] ?? 0] ?? Number.POSITIVE_INFINITY;
        // Not "greater than": the time may be unreadable, and is then never recent enough.
        if (limit !== Number.POSITIVE_INFINITY && !(now - (performedAt[at] ?? Number.NaN) <= limit))
          return false;
      }
      return true;
    },
  };
}
