import { setTimeout as sleep } from 'node:timers/promises';
import { asVmplantsError, VmplantsError } from '../model/errors.js';
import type { CallOptions } from '../proto/channel.js';

/** Between two questions of which the first was not even delivered. */
const PAUSE_MILLISECONDS = 100;

/**
 * Asks, and asks again while nothing is heard, for so long at most. What was answered counts, also when it is an error;
 * else the last silence is thrown. Only for calls that may be repeated.
 */
export async function askUntilAnswered<T>(
  ask: (options: CallOptions) => Promise<T>,
  within: { readonly milliseconds: number; readonly now: () => number; readonly signal: AbortSignal },
): Promise<T> {
  const { now, signal } = within;
  const until = now() + within.milliseconds;
  for (let left = within.milliseconds; ; left = until - now()) {
    try {
      return await ask({ timeoutMilliseconds: Math.max(1, left), signal });
    } catch (thrown) {
      signal.throwIfAborted();
      const pause = Math.min(PAUSE_MILLISECONDS, until - now());
      if (!isSilence(thrown) || pause <= 0) throw asVmplantsError(thrown);
      await sleep(pause, undefined, { signal }).catch((woken: unknown) => {
        signal.throwIfAborted();
        throw woken;
      });
    }
  }
}

/** Nobody said this: the connection broke or was not made, or nothing came in time. */
export function isSilence(thrown: unknown): thrown is VmplantsError {
  return (
    thrown instanceof VmplantsError &&
    (thrown.code === 'UNAVAILABLE' || thrown.code === 'DEADLINE_EXCEEDED') &&
    (thrown.reason === undefined || thrown.reason === 'NOT_CONNECTED')
  );
}
