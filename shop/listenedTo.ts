import { VmplantsError } from '../model/errors.js';
import type { CallOptions } from '../proto/channel.js';
import { isSilence } from './askUntilAnswered.js';

export interface Silence {
  /** How long nothing may come before it is asked whether anybody is there, and how long the answer may take. */
  readonly milliseconds: number;
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Asks the other side something that it answers at once. What it answers does not matter. */
  readonly ask: (options: CallOptions & { readonly signal: AbortSignal }) => Promise<unknown>;
}

/**
 * A stream on which nothing may come for hours, from somebody who may be stopped without its connection noticing: while
 * it is silent, the other side is asked beside it. Ends with DEADLINE_EXCEEDED, without a reason, when no answer comes.
 */
export async function* listenedTo<T>(
  open: (signal: AbortSignal) => AsyncIterable<T>,
  silence: Silence,
): AsyncGenerator<T, void, undefined> {
  const { milliseconds, now } = silence;
  const over = new AbortController();
  const end = (): void => over.abort(silence.signal.reason);
  if (silence.signal.aborted) end();
  else silence.signal.addEventListener('abort', end, { once: true });
  let heardAt = now();
  let asking = false;
  const look = async (): Promise<void> => {
    if (asking || now() - heardAt < milliseconds) return;
    asking = true;
    const askedAt = now();
    try {
      await silence.ask({ timeoutMilliseconds: milliseconds, signal: over.signal });
    } catch (thrown) {
      // That the connection is broken the stream says itself, unless it can not even be asked any more. What came on it
      // meanwhile is a sign of life, too.
      const unheard =
        isSilence(thrown) && (thrown.code === 'DEADLINE_EXCEEDED' || thrown.reason === 'NOT_CONNECTED');
      const silent = unheard && heardAt < askedAt;
      if (silent && !over.signal.aborted) over.abort(notHeard(milliseconds));
    } finally {
      asking = false;
      heardAt = Math.max(heardAt, now());
    }
  };
  const timer = setInterval(() => void look(), milliseconds);
  try {
    for await (const message of open(over.signal)) {
      heardAt = now();
      yield message;
    }
  } finally {
    clearInterval(timer);
    silence.signal.removeEventListener('abort', end);
    over.abort(new VmplantsError('CANCELLED', 'nobody listens any more'));
  }
}

function notHeard(milliseconds: number): VmplantsError {
  return new VmplantsError('DEADLINE_EXCEEDED', `it is silent and does not answer within ${milliseconds} ms`);
}
