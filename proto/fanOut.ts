/** A call that can be ended from this side. */
interface Cancellable {
  cancel(): void;
}

/**
 * What calls that put one question to many servers share, so that a thousand of them cost little more than the library
 * takes for them: the question, one request object, is written as bytes once, and one listener waits for the signal, in place of one for
 * each call. All calls of it go to the same method, with this signal.
 */
export interface FanOut {
  /** As the given one, which is called once for each request object. */
  readonly serializer: <Request>(serialize: (request: Request) => Buffer) => (request: Request) => Buffer;
  /** Cancels the call when the signal is aborted; the answer, called once it ended, forgets it. */
  readonly cancelWith: (call: Cancellable) => () => void;
  /** Stops listening to the signal. Calls that still run go on to their deadlines. */
  readonly close: () => void;
}

export function openFanOut(signal: AbortSignal | undefined): FanOut {
  const calls = new Set<Cancellable>();
  let written: { readonly request: unknown; readonly bytes: Buffer } | undefined;
  const abort = (): void => {
    for (const call of calls) call.cancel();
  };
  signal?.addEventListener('abort', abort, { once: true });
  return {
    serializer: (serialize) => (request) => {
      if (written?.request !== request) written = { request, bytes: serialize(request) };
      return written.bytes;
    },
    cancelWith: (call) => {
      calls.add(call);
      if (signal?.aborted === true) call.cancel();
      return () => calls.delete(call);
    },
    close: () => signal?.removeEventListener('abort', abort),
  };
}
