import type Database from 'better-sqlite3';
import type { ActionDuration } from './record.js';

/** The mean is over so many of the last runs: packages grow and mirrors change. */
const RUNS = 8;
/** Actions that are remembered; those that ran longest ago go first. */
const KEYS = 20_000;

/** How long actions took here that ended well, by key. */
export interface DurationMeans {
  readonly add: (durations: readonly ActionDuration[]) => void;
  /** Mean of the last durations, in seconds. */
  readonly seconds: () => ReadonlyMap<string, number>;
}

/** Reads what the table `history` knows. */
export function openDurationMeans(database: Database.Database): DurationMeans {
  const runs = new Map<string, readonly number[]>();
  let means: Map<string, number> | undefined;
  const add = (durations: readonly ActionDuration[]): void => {
    for (const { key, seconds, ok } of durations) {
      if (!ok) continue;
      const before = runs.get(key) ?? [];
      // Deleted first, so that it becomes the last: the first of the map ran longest ago.
      runs.delete(key);
      runs.set(key, [...before, seconds].slice(-RUNS));
      means = undefined;
    }
    for (const key of runs.keys()) {
      if (runs.size <= KEYS) break;
      runs.delete(key);
    }
  };
  add(
    database
      .prepare<[], { readonly key: string; readonly seconds: number }>(
        'SELECT key, seconds FROM history WHERE ok = 1 ORDER BY id',
      )
      .all()
      .map(({ key, seconds }) => ({ key, seconds, ok: true })),
  );
  return {
    add,
    seconds: () => {
      means ??= new Map([...runs].map(([key, last]) => [key, mean(last)]));
      return means;
    },
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
