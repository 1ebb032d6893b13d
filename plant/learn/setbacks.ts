/** After the first time; twice as long after each further one, unless that is long after. */
const FIRST_MILLISECONDS = 60_000;
const MOST_MILLISECONDS = 6 * 3_600_000;
/** What was tried longest ago is forgotten first. */
const MOST_REMEMBERED = 10_000;

/** What was tried in the background, so that it is not tried for ever. In memory: a restart may have mended it. */
export interface Setbacks {
  readonly add: (what: string, now: number) => void;
  /** Whether it has to wait still. */
  readonly holds: (what: string, now: number) => boolean;
  /** Whether one has come to its end since the time given. */
  readonly endedSince: (then: number, now: number) => boolean;
}

interface Setback {
  readonly times: number;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

export function createSetbacks(): Setbacks {
  const known = new Map<string, Setback>();
  return {
    add: (what, now) => {
      const before = known.get(what);
      const times = before !== undefined && before.until > now - MOST_MILLISECONDS ? before.times + 1 : 1;
      known.delete(what);
      known.set(what, {
        times,
        until: now + Math.min(MOST_MILLISECONDS, FIRST_MILLISECONDS * 2 ** (times - 1)),
      });
      for (const oldest of known.keys()) {
        if (known.size <= MOST_REMEMBERED) break;
        known.delete(oldest);
      }
    },
    holds: (what, now) => (known.get(what)?.until ?? Number.NEGATIVE_INFINITY) > now,
    endedSince: (then, now) => [...known.values()].some(({ until }) => until > then && until <= now),
  };
}
