import { PROTOCOL_VERSION } from '../../guest/protocol.js';
import { asVmplantsError, VmplantsError } from '../../model/errors.js';
import type { Machine } from '../line/line.js';

/**
 * Lets a paused machine boot, and waits until the daemon in it says `ready`. Gives the guest's kernel release.
 * @throws VmplantsError UNAVAILABLE, GUEST_SILENT, at the deadline; FAILED_PRECONDITION when the daemon speaks another
 * version of the protocol; the signal's reason when aborted
 */
export async function bootUntilReady(
  machine: Machine,
  deadlineMilliseconds: number,
  signal: AbortSignal,
): Promise<string> {
  const ready = awaitReady(machine, deadlineMilliseconds, signal);
  // Awaited below; until then a rejection must not count as unhandled.
  ready.catch(() => undefined);
  await machine.run(signal);
  return await ready;
}

function awaitReady(machine: Machine, deadlineMilliseconds: number, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      unsubscribe();
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    const onAbort = (): void => settle(() => reject(asVmplantsError(signal.reason)));
    const timer = setTimeout(() => {
      const seconds = deadlineMilliseconds / 1000;
      settle(() =>
        reject(
          new VmplantsError(
            'UNAVAILABLE',
            `the guest's daemon was not ready within ${seconds} s of its boot`,
            {
              reason: 'GUEST_SILENT',
            },
          ),
        ),
      );
    }, deadlineMilliseconds);
    const unsubscribe = machine.guest.subscribe((message) => {
      if (message.kind !== 'ready') return;
      if (message.protocol === PROTOCOL_VERSION) settle(() => resolve(message.guestKernel));
      else settle(() => reject(otherProtocol(message.protocol)));
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

function otherProtocol(found: number): VmplantsError {
  return new VmplantsError(
    'FAILED_PRECONDITION',
    `the guest's daemon speaks protocol ${found}, this plant speaks ${PROTOCOL_VERSION}`,
    { reason: 'GUEST_PROTOCOL', hint: 'Build the golden image again with this version.' },
  );
}
