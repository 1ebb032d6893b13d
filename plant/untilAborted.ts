import { asVmplantsError } from '../model/errors.js';

/**
 * The promise's outcome, or a rejection with the signal's reason as soon as it is aborted. It stops the waiting, not
 * the work behind the promise: whoever calls it ends that work where it has to end.
 */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(asVmplantsError(signal.reason));
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

/** Rejects at once when the signal is aborted already: called before anything is begun. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw asVmplantsError(signal.reason);
}

/**
 * Does the work under a signal that is aborted with the given one, or when the time is over: no call outside the
 * process is without a deadline. The timer lives as long as the work. (`AbortSignal.any` over `AbortSignal.timeout`
 * would be shorter, but Node 20 may collect the timeout as garbage, and then it never comes.)
 */
export async function withDeadline<T>(
  signal: AbortSignal,
  milliseconds: number,
  work: (until: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal.reason);
  const timer = setTimeout(() => {
    controller.abort(new DOMException(`not done within ${milliseconds} ms`, 'TimeoutError'));
  }, milliseconds);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}
