/**
 * Events of a piece of work that anyone may follow, from the beginning, at any time, while the work goes on without
 * them. Ends with the work: normally, or with its error.
 */
export interface EventLog<T> {
  readonly push: (event: T) => void;
  readonly end: () => void;
  readonly fail: (error: unknown) => void;
  /** All events so far, then those to come; stops with the signal's reason when it is aborted. */
  readonly follow: (signal: AbortSignal) => AsyncGenerator<T, void, undefined>;
}

export function createEventLog<T>(): EventLog<T> {
  const events: T[] = [];
  const waiting = new Set<() => void>();
  let outcome: { readonly kind: 'ended' } | { readonly kind: 'failed'; readonly error: unknown } | undefined;

  const wake = (): void => {
    for (const resume of [...waiting]) resume();
  };
  const nextChange = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const resume = (): void => {
        waiting.delete(resume);
        signal.removeEventListener('abort', resume);
        resolve();
      };
      waiting.add(resume);
      signal.addEventListener('abort', resume, { once: true });
    });

  return {
    push: (event) => {
      events.push(event);
      wake();
    },
    end: () => {
      outcome ??= { kind: 'ended' };
      wake();
    },
    fail: (error) => {
      outcome ??= { kind: 'failed', error };
      wake();
    },
    async *follow(signal) {
      for (let next = 0; ; ) {
        signal.throwIfAborted();
        const event = events[next];
        if (next < events.length && event !== undefined) {
          next += 1;
          yield event;
        } else if (outcome === undefined) {
          await nextChange(signal);
        } else if (outcome.kind === 'failed') {
          throw outcome.error;
        } else {
          return;
        }
      }
    },
  };
}
