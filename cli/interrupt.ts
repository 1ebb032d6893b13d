import { VmplantsError } from '../model/errors.js';

/** The part of `process` that signals arrive at. */
export interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
}

/**
 * A signal that the first Ctrl-C or SIGTERM aborts, with a CANCELLED error as its reason. The second one calls
 * `endNow`: whoever asks twice does not want to wait for an orderly end.
 */
export function interruptSignal(source: SignalSource, endNow: () => void): AbortSignal {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) endNow();
    else controller.abort(new VmplantsError('CANCELLED', 'interrupted', { reason: 'INTERRUPTED' }));
  };
  source.on('SIGINT', interrupt);
  source.on('SIGTERM', interrupt);
  return controller.signal;
}
