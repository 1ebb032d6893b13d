/**
 * The events of one piece of work that goes on by itself, for any number of readers who come and go. Each reader
 * gets all events from the first, then the end or the error of the work.
 */
export interface EventLog<Event> {
  push(event: Event): void;
  /** The work has ended well. Nothing may be pushed any more. */
  end(): void;
  /** The work has failed: readers get this error after the last event. */
  fail(error: unknown): void;
  /** Leaves with the signal's reason when the signal is aborted. */
  read(signal: AbortSignal): AsyncGenerator<Event, void, undefined>;
}

export function createEventLog<Event>(): EventLog<Event> {
  const events: Event[] = [];
  const waiting = new Set<() => void>();
  let outcome: { readonly error?: unknown; readonly failed: boolean } | undefined;
  const wake = (): void => {
    const readers = [...waiting];
    waiting.clear();
    for (const reader of readers) reader();
  };
  const settle = (failed: boolean, error?: unknown): void => {
    outcome ??= { failed, error };
    wake();
  };
  return {
    push: (event) => {
      events.push(event);
      wake();
    },
    end: () => settle(false),
    fail: (error) => settle(true, error),
    read: async function* (signal) {
      signal.addEventListener('abort', wake, { once: true });
      try {
        for (let position = 0; ; ) {
          signal.throwIfAborted();
          while (position < events.length) {
            const event = events[position];
            position += 1;
            if (event !== undefined) yield event;
          }
          if (outcome !== undefined) {
            if (outcome.failed) throw outcome.error;
            return;
          }
          if (!signal.aborted) await new Promise<void>((resolve) => waiting.add(resolve));
        }
      } finally {
        signal.removeEventListener('abort', wake);
      }
    },
  };
}
