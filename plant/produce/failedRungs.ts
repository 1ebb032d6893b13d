import type { GoldenImage } from '../../model/goldenImage.js';
import type { Rung } from '../../model/plan.js';
import type { Clock } from '../clock.js';
import type { ExcludedClone } from '../planner/query.js';

/**
 * Images whose memory could lately not be resumed. They are booted instead, so that not every order loses the time of
 * a resume that fails. Forgotten with the image, when another takes its name, and after a while: it may have been the
 * host.
 */
export interface FailedRungs {
  readonly note: (image: GoldenImage, rung: Rung) => void;
  /** For the planner. */
  readonly excluded: () => readonly ExcludedClone[];
  /** Whether the image is not resumed at the moment. */
  readonly has: (image: string) => boolean;
}

const FORGOTTEN_AFTER_MILLISECONDS = 3_600_000;

export function createFailedRungs(
  clock: Clock,
  imageNow: (name: string) => GoldenImage | undefined,
): FailedRungs {
  const failed = new Map<string, { readonly created: string; readonly until: number }>();
  const forget = (): void => {
    const now = clock.monotonic();
    for (const [name, { created, until }] of failed) {
      if (until <= now || imageNow(name)?.created !== created) failed.delete(name);
    }
  };
  return {
    note: ({ name, created }, rung) => {
      // A disk that does not boot once may boot the next time, and there is nothing below it.
      if (rung !== 'warm') return;
      failed.set(name, { created, until: clock.monotonic() + FORGOTTEN_AFTER_MILLISECONDS });
    },
    excluded: () => {
      if (failed.size === 0) return [];
      forget();
      return [...failed.keys()].map((image) => ({ image, rung: 'warm' }));
    },
    has: (image) => {
      if (!failed.has(image)) return false;
      forget();
      return failed.has(image);
    },
  };
}
