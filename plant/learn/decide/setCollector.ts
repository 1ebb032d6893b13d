import type { CompiledShape } from './compiledShape.js';

/** A set and how much it is known to be good for; see `createSetCollector`. */
interface CollectedSet {
  readonly from: CompiledShape;
  /** Symbols, in an order that `from` allows. */
  readonly order: readonly number[];
  /** The most uses a day of shapes that it was found to be common to. */
  readonly weight: number;
}

/** Gathers sets of symbols, each once. */
export interface SetCollector {
  /** Empty sets are passed over; of equal ones the first stays, with the larger weight. */
  readonly add: (from: CompiledShape, order: readonly number[], weight: number) => void;
  /** At most so many, those with the most seconds a day first. */
  readonly best: (most: number) => readonly CollectedSet[];
}

/** @param seconds by symbol */
export function createSetCollector(seconds: readonly number[]): SetCollector {
  const byHash = new Map<number, CollectedSet[]>();
  return {
    add: (from, order, weight) => {
      if (order.length === 0) return;
      const hash = hashOf(order);
      const alike = byHash.get(hash);
      if (alike === undefined) {
        byHash.set(hash, [{ from, order, weight }]);
        return;
      }
      const at = alike.findIndex((set) => sameMembers(set.order, order));
      const known = alike[at];
      if (known === undefined) alike.push({ from, order, weight });
      else if (known.weight < weight) alike[at] = { ...known, weight };
    },
    best: (most) =>
      [...byHash.values()]
        .flat()
        .map((set) => ({ set, worth: set.weight * total(set.order, seconds) }))
        // Sorting is stable, and sets come in a fixed order.
        .sort((first, second) => second.worth - first.worth)
        .slice(0, most)
        .map(({ set }) => set),
  };
}

/** The same in whichever order the members stand. */
function hashOf(order: readonly number[]): number {
  let high = 0;
  let low = 0;
  for (const symbol of order) {
    let mixed = Math.imul(symbol + 0x9e3779b9, 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed ^= mixed >>> 16;
    low = (low + mixed) | 0;
    high = (high + Math.imul(mixed ^ 0x27d4eb2f, 0x165667b1)) | 0;
  }
  return (high >>> 11) * 4_294_967_296 + (low >>> 0);
}

function sameMembers(first: readonly number[], second: readonly number[]): boolean {
  if (first.length !== second.length) return false;
  if (first.every((symbol, place) => symbol === second[place])) return true;
  const sorted = first.slice().sort();
  return second
    .slice()
    .sort()
    .every((symbol, place) => symbol === sorted[place]);
}

function total(order: readonly number[], seconds: readonly number[]): number {
  let sum = 0;
  for (const symbol of order) sum += seconds[symbol] ?? 0;
  return sum;
}
