import { setImmediate } from 'node:timers/promises';

/** One measured promise: what it costs, against what it is compared with, from the same run. */
export interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly against: number;
  /** value / against. */
  readonly ratio: number;
}

/** A file in this directory measures one thing and exports one of these. */
export interface Benchmark {
  readonly name: string;
  run(context: BenchContext): AsyncIterable<Measurement>;
}

export interface BenchContext {
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
  /** Progress for people. */
  readonly report: (message: string) => void;
  /** Aborted when the measurement is to end early. */
  readonly signal: AbortSignal;
  /** What is random in a measurement is the same for the same seed. */
  readonly seed: number;
}

export interface Pairs {
  /** Pairs that are run and not counted. */
  readonly warmUp: number;
  /** Pairs that are counted. */
  readonly pairs: number;
}

/**
 * Times both in alternating pairs, the one that goes first changing from pair to pair, so that whatever else the
 * machine does meets both alike. Gives the median milliseconds of each.
 */
export async function timePairs(
  context: BenchContext,
  { warmUp, pairs }: Pairs,
  measured: () => unknown,
  against: () => unknown,
): Promise<{ readonly measured: number; readonly against: number }> {
  const times = { measured: [] as number[], against: [] as number[] };
  for (let pair = -warmUp; pair < pairs; pair++) {
    for (const which of pair % 2 === 0
      ? (['measured', 'against'] as const)
      : (['against', 'measured'] as const)) {
      // Lets an interrupt through even where nothing that is timed waits for anything.
      await setImmediate();
      context.signal.throwIfAborted();
      const started = context.now();
      await (which === 'measured' ? measured : against)();
      const took = context.now() - started;
      if (pair >= 0) times[which].push(took);
    }
  }
  return { measured: median(times.measured), against: median(times.against) };
}

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('there is no median of no values');
  const sorted = [...values].sort((first, second) => first - second);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

export function measurement(name: string, unit: string, value: number, against: number): Measurement {
  return { name, value, unit, against, ratio: value / against };
}
