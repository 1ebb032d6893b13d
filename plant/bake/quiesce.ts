import { asVmplantsError, VmplantsError } from '../../model/errors.js';
import type { GuestChannel } from '../line/line.js';

/** The daemon itself waits at most a minute for the guest to settle. */
export const QUIESCE_MILLISECONDS = 120_000;

/**
 * Asks the guest to finish what its boot has begun, to write everything to its disk and to forget its medium, so that
 * nothing of it goes on in every clone.
 * @throws VmplantsError FAILED_PRECONDITION when it refuses, UNAVAILABLE when it does not answer
 */
export function quiesce(
  guest: GuestChannel,
  nonce: string,
  deadlineMilliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      unsubscribe();
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    const onAbort = (): void => settle(() => reject(asVmplantsError(signal.reason)));
    const timer = setTimeout(() => {
      const error = new VmplantsError('UNAVAILABLE', 'the guest did not come to rest in time', {
        reason: 'GUEST_SILENT',
      });
      settle(() => reject(error));
    }, deadlineMilliseconds);
    const unsubscribe = guest.subscribe((message) => {
      if (message.kind === 'done' && message.nonce === nonce) settle(resolve);
      if (message.kind === 'refused' && message.nonce === nonce) {
        const error = new VmplantsError('FAILED_PRECONDITION', 'the guest refused to come to rest', {
          reason: 'GUEST_REFUSED',
        });
        settle(() => reject(error));
      }
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) {
      onAbort();
      return;
    }
    guest
      .send({ kind: 'quiesce', nonce }, signal)
      .catch((error: unknown) => settle(() => reject(asVmplantsError(error))));
  });
}
