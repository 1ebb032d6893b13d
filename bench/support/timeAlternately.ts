import { type BenchContext, median, type Pairs } from '../measurement.js';

/** Work that was timed. Neither of what follows is. */
export interface Finished {
  /** Rejects when the work did not do what it should have. */
  readonly check: () => Promise<void>;
  /** Ends and removes what the work made. */
  readonly undo: () => Promise<void>;
}

/** Work to be timed. Leaves nothing behind when it rejects. */
export type Work = () => Promise<Finished>;

export interface Medians {
  readonly measured: number;
  readonly against: number;
}

/**
 * As `timePairs`, for work that leaves something to be looked at and removed: times both in alternating pairs, the
 * one that goes first changing from pair to pair, and gives the median milliseconds of each.
 */
export async function timeAlternately(
  context: BenchContext,
  { warmUp, pairs }: Pairs,
  work: Readonly<Record<keyof Medians, Work>>,
): Promise<Medians> {
  const times = { measured: [] as number[], against: [] as number[] };
  for (let pair = -warmUp; pair < pairs; pair++) {
    const took = { measured: 0, against: 0 };
    for (const which of pair % 2 === 0
      ? (['measured', 'against'] as const)
      : (['against', 'measured'] as const)) {
      context.signal.throwIfAborted();
      const began = context.now();
      const { check, undo } = await work[which]();
      took[which] = context.now() - began;
      try {
        await check();
      } finally {
        await undo();
      }
    }
    const [measured, against] = [took.measured, took.against].map((milliseconds) => milliseconds.toFixed(1));
    const counted = pair < 0 ? 'warm-up' : `pair ${pair + 1} of ${pairs}`;
    context.report(`  ${counted}: ${measured} ms against ${against} ms`);
    if (pair < 0) continue;
    times.measured.push(took.measured);
    times.against.push(took.against);
  }
  return { measured: median(times.measured), against: median(times.against) };
}
