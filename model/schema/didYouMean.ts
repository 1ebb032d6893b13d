/** Spellings further apart than this are other words. */
const FARTHEST = 3;
/** Candidates looked at: a suggestion is a kindness and must not cost more than the check itself. */
const MOST_COMPARED = 300;

/**
 * The candidate that was probably meant: the nearest by edit distance (insert, delete, replace, swap of
 * neighbours), at most 3 and a third of the length away. Cost is linear in the length of all candidates.
 */
export function didYouMean(written: string, candidates: Iterable<string>): string | undefined {
  if (written.length > 64) return undefined;
  let compared = 0;
  let best: string | undefined;
  let bestDistance = Math.min(FARTHEST, Math.max(1, Math.floor(written.length / 3))) + 1;
  for (const candidate of candidates) {
    if (candidate.length > 64 || Math.abs(candidate.length - written.length) >= bestDistance) continue;
    compared += 1;
    if (compared > MOST_COMPARED) break;
    const distance = editDistance(written.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `; did you mean "x"?`, or nothing. */
export function suggestion(written: string, candidates: Iterable<string>): string {
  const candidate = didYouMean(written, candidates);
  return candidate === undefined ? '' : `; did you mean "${candidate}"?`;
}

/** Exact up to FARTHEST, otherwise some greater number: only cells that near to the diagonal are computed. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current: number[] = [row];
    const first = Math.max(1, row - FARTHEST);
    if (first > 1) current[first - 1] = FARTHEST + 1;
    const last = Math.min(b.length, row + FARTHEST);
    for (let column = first; column <= last; column++) {
      const replace = (previous[column - 1] ?? FARTHEST) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const remove = (previous[column] ?? FARTHEST) + 1;
      const insert = (current[column - 1] ?? FARTHEST) + 1;
      const swaps = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const swap = swaps ? (beforePrevious[column - 2] ?? FARTHEST) + 1 : replace;
      current[column] = Math.min(replace, remove, insert, swap);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? FARTHEST + 1;
}
