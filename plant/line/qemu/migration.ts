import { VmplantsError } from '../../../model/errors.js';
import { untilAborted } from '../../untilAborted.js';
import type { QmpClient } from './qmp.js';

/**
 * Freezing, resuming and copying are one mechanism of QEMU, "migration". It reports by events, which are only sent
 * when they were asked for: `prepareMigration` comes first.
 */

export interface MigrationMode {
  /**
   * Memory stays out of it where it is mapped from a file and shared: only the state of the devices travels, some
   * hundred KiB whatever the size of the memory.
   */
  readonly ignoreShared: boolean;
  /** The sender stops at `pre-switchover`, its processors stopped and its disks still its own, until told to go on. */
  readonly pauseBeforeSwitchover: boolean;
}

const DEVICES_ONLY: MigrationMode = { ignoreShared: true, pauseBeforeSwitchover: false };

/** States that somebody waits for. */
type Awaited = 'pre-switchover' | 'completed';

/** What a migration reports. Made before the migration begins, so that nothing is missed. */
export interface MigrationWatch {
  /** Resolves once it is there. Rejects with DATA_LOSS when the migration fails, is cancelled or the monitor ends. */
  until(status: Awaited, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Sets how the next migration of this monitor works; all of it, because a monitor keeps what was set before. */
export async function prepareMigration(
  qmp: QmpClient,
  mode: MigrationMode,
  signal: AbortSignal,
): Promise<void> {
  const capabilities = [
    { capability: 'events', state: true },
    { capability: 'x-ignore-shared', state: mode.ignoreShared },
    { capability: 'pause-before-switchover', state: mode.pauseBeforeSwitchover },
  ];
  await qmp.execute('migrate-set-capabilities', { capabilities }, signal);
}

export function watchMigration(qmp: QmpClient): MigrationWatch {
  const reached = new Map<string, () => void>();
  const promises = new Map<Awaited, Promise<void>>();
  const failures = new Set<(error: VmplantsError) => void>();
  for (const status of ['pre-switchover', 'completed'] as const) {
    const promise = new Promise<void>((resolve, reject) => {
      reached.set(status, resolve);
      failures.add(reject);
    });
    // Awaited later, or by nobody; until then a rejection has to count as handled.
    promise.catch(() => undefined);
    promises.set(status, promise);
  }
  const fail = (): void => {
    for (const reject of failures) reject(failed());
  };
  const unsubscribe = qmp.subscribe(({ event, data }) => {
    if (event !== 'MIGRATION') return;
    if (data.status === 'failed' || data.status === 'cancelled') fail();
    else if (typeof data.status === 'string') reached.get(data.status)?.();
  });
  // A machine that cannot load its state ends its monitor, often without a word before.
  void qmp.closed.then(fail);
  return {
    until: (status, signal) => untilAborted(promises.get(status) ?? Promise.reject(failed()), signal),
    close: unsubscribe,
  };
}

/**
 * Sends or loads the state of the devices.
 * @param begin gives the command that starts it, once progress is being watched
 */
export async function migrateDevices(
  qmp: QmpClient,
  begin: () => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const watch = watchMigration(qmp);
  try {
    await prepareMigration(qmp, DEVICES_ONLY, signal);
    await begin();
    await watch.until('completed', signal);
  } finally {
    watch.close();
  }
}

function failed(): VmplantsError {
  return new VmplantsError('DATA_LOSS', 'the state of the machine could not be transferred', {
    reason: 'DEVICE_STATE_UNUSABLE',
    hint: 'boot the disk of the golden image instead, and make the image again',
  });
}
