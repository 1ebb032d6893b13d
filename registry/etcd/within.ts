/**
 * The outcome of the work, or a rejection as soon as the signal is aborted (its reason) or the time is over (a
 * TimeoutError). It ends the waiting: whoever calls it sees to the end of the work.
 */
export function within<T>(milliseconds: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const settle = (end: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      end();
    };
    const abort = (): void => settle(() => reject(signal.reason));
    const timer = setTimeout(
      () => settle(() => reject(new DOMException(`no answer within ${milliseconds} ms`, 'TimeoutError'))),
      milliseconds,
    );
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    else
      work().then(
        (value) => settle(() => resolve(value)),
        (error: unknown) => settle(() => reject(error)),
      );
  });
}
