/**
 * A set of small non-negative integers (positions of actions in an order), as words of 30 bits so that every word
 * stays a small integer of the engine. All sets that meet have the same number of words.
 */
export type BitSet = readonly number[];

/** One that is still being made. */
type BitSetDraft = number[];

const WORD = 30;

/** The empty set that can hold 0..size-1. */
export function emptySet(size: number): BitSetDraft {
  return new Array<number>(Math.max(1, Math.ceil(size / WORD))).fill(0);
}

export function has(set: BitSet, member: number): boolean {
  return ((set[(member / WORD) | 0] ?? 0) & (1 << (member % WORD))) !== 0;
}

/** Puts the member into a set that nobody else holds yet. */
export function include(set: BitSetDraft, member: number): void {
  const word = (member / WORD) | 0;
  set[word] = (set[word] ?? 0) | (1 << (member % WORD));
}

/** A new set with the member in it. */
export function withMember(set: BitSet, member: number): BitSet {
  const copy = set.slice();
  include(copy, member);
  return copy;
}

export function union(first: BitSet, second: BitSet): BitSet {
  return first.map((word, position) => word | (second[position] ?? 0));
}

/** Whether every member of `part` is a member of `whole`. */
export function isSubset(part: BitSet, whole: BitSet): boolean {
  for (let word = 0; word < part.length; word++) {
    if (((part[word] ?? 0) & ~(whole[word] ?? 0)) !== 0) return false;
  }
  return true;
}

/** Whether all of these are members. */
export function hasAll(set: BitSet, members: readonly number[]): boolean {
  for (const member of members) {
    if (!has(set, member)) return false;
  }
  return true;
}

/** Equal sets have equal identifiers; different sets of the same size have different ones. */
export function setIdentifier(set: BitSet): string {
  return set.join(',');
}
