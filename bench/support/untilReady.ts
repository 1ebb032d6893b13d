import type { Machine } from '../../plant/line/line.js';

/** Asks the daemon in the running machine whether it is there and waits for its answer: the guest really works. */
export async function untilReady({ guest }: Machine, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const settle = (outcome: () => void): void => {
      unsubscribe();
      signal.removeEventListener('abort', abort);
      outcome();
    };
    const abort = (): void => settle(() => reject(signal.reason));
    const unsubscribe = guest.subscribe(({ kind }) => {
      if (kind === 'ready') settle(resolve);
    });
    signal.addEventListener('abort', abort);
    if (signal.aborted) return abort();
    guest.send({ kind: 'hello' }, signal).catch((error: unknown) => settle(() => reject(error)));
  });
}
