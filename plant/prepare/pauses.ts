/** How long nothing is tried again after it has failed. Doubles with every failure in a row. */
const FIRST_MILLISECONDS = 30_000;
const LONGEST_MILLISECONDS = 3_600_000;

/** Remembers what has failed lately, so that it is not tried all the time. */
export interface Pauses {
  readonly failed: (key: string) => void;
  readonly succeeded: (key: string) => void;
  /** Whether it is too early to try again. */
  readonly isPaused: (key: string) => boolean;
}

/** @param now milliseconds of a clock that never jumps */
export function createPauses(now: () => number): Pauses {
  const pauses = new Map<string, { readonly until: number; readonly milliseconds: number }>();
  return {
    failed: (key) => {
      const before = pauses.get(key);
      const milliseconds =
        before === undefined ? FIRST_MILLISECONDS : Math.min(before.milliseconds * 2, LONGEST_MILLISECONDS);
      pauses.set(key, { until: now() + milliseconds, milliseconds });
    },
    succeeded: (key) => {
      pauses.delete(key);
    },
    isPaused: (key) => (pauses.get(key)?.until ?? 0) > now(),
  };
}
