import { VmplantsError } from '../../../model/errors.js';
import { untilAborted } from '../../untilAborted.js';
import type { QmpClient } from './qmp.js';

/**
 * Freezing and resuming are one mechanism of QEMU, "migration". Memory stays out of it: with `x-ignore-shared` only
 * the state of the devices travels, some hundred KiB whatever the size of the memory, which is mapped from its file.
 * @param begin gives the command that starts it, once progress is being watched
 */
export async function migrate(
  qmp: QmpClient,
  begin: () => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  let stopWatching: () => void = () => undefined;
  const finished = new Promise<void>((resolve, reject) => {
    stopWatching = qmp.subscribe(({ event, data }) => {
      if (event !== 'MIGRATION') return;
      if (data.status === 'completed') resolve();
      if (data.status === 'failed') reject(failed());
    });
    // A machine that cannot load its state ends its monitor, often without a word before.
    void qmp.closed.then(() => reject(failed()));
  });
  // Awaited below; until then a rejection has to count as handled.
  finished.catch(() => undefined);
  try {
    const capabilities = ['x-ignore-shared', 'events'].map((capability) => ({ capability, state: true }));
    await qmp.execute('migrate-set-capabilities', { capabilities }, signal);
    await begin();
    await untilAborted(finished, signal);
  } finally {
    stopWatching();
  }
}

function failed(): VmplantsError {
  return new VmplantsError('DATA_LOSS', 'the device state of the machine could not be transferred', {
    reason: 'DEVICE_STATE_UNUSABLE',
    hint: 'boot the disk of the golden image instead, and make the image again',
  });
}
