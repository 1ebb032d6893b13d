import { setTimeout as after } from 'node:timers/promises';
import type { ImageProfile, PlantStatus } from '../model/plantStatus.js';
import type { WholeStatus } from './status.js';

export interface StatusSource {
  /** The status now; its `images` is the same object as long as the images are the same. */
  readonly now: () => WholeStatus;
  /** Whether some of what is taken now may be given back by the time alone, of which no listener hears. */
  readonly passing: () => boolean;
  /** Calls the listener whenever the status may have changed; the answer unsubscribes. */
  readonly onChange: (listener: () => void) => () => void;
}

/** Statuses of one stream are at least so far apart, and so old at most. */
const STATUS_MILLISECONDS = 200;
/** After so long a status that was `passing` is looked at again. */
const PASSING_MILLISECONDS = 5_000;

/**
 * The status now, and again when it has changed, until the signal is aborted; what the images offer only when that
 * changed. Without a change nothing runs: no timer, nothing but
 * a promise that waits.
 */
export async function* followStatus(
  source: StatusSource,
  signal: AbortSignal,
): AsyncGenerator<PlantStatus, void, undefined> {
  let changed = true;
  let wake: () => void = () => undefined;
  const notice = (): void => {
    changed = true;
    wake();
  };
  const unsubscribe = source.onChange(notice);
  const onAbort = (): void => wake();
  signal.addEventListener('abort', onAbort, { once: true });
  let told: { readonly images: ImageProfile; readonly text: string } | undefined;
  try {
    while (!signal.aborted) {
      if (!changed) {
        await new Promise<void>((resolve) => {
          const timer = source.passing() ? setTimeout(resolve, PASSING_MILLISECONDS).unref() : undefined;
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        if (signal.aborted) return;
        // A burst of changes is one change.
        await after(STATUS_MILLISECONDS, undefined, { signal, ref: false }).catch(() => undefined);
        if (signal.aborted) return;
      }
      changed = false;
      const { images, ...rest } = source.now();
      const text = JSON.stringify(rest);
      if (told?.images === images && told.text === text) continue;
      const first = told?.images !== images;
      told = { images, text };
      yield first ? { ...rest, images } : rest;
    }
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', onAbort);
  }
}
