import { setTimeout as delay } from 'node:timers/promises';
import { throwIfAborted } from '../../untilAborted.js';
import type { QemuHost } from './host.js';
import { prepareMigration, watchMigration } from './migration.js';
import type { QmpClient } from './qmp.js';
import { runState } from './runState.js';

/** In bytes per second: no limit. QEMU's own is made for networks. */
const BANDWIDTH = 2 ** 40;
/**
 * A machine whose memory is sent while it runs is stopped once what is left to send takes no longer than this, in
 * milliseconds, at the speed seen so far. Less needs more passes over the memory.
 */
const STANDSTILL_MILLISECONDS = 50;
/** A guest that writes faster than we can send is stopped after so many passes, whatever is left. */
const PASSES = 8;
/** The longest that QEMU takes. */
const ANY_STANDSTILL_MILLISECONDS = 2_000_000;
/** Between two looks at a migration that is being put away, which is a matter of a few milliseconds. */
const POLL_MILLISECONDS = 1;

/**
 * Whether the monitor notices every write of a guest that runs while its memory is sent. Under emulation QEMU 7.2 loses
 * some, and what it sent is then no state that the machine was ever in: such a machine has to stand still for all of it.
 * (Later releases have this mended; nobody has tried it with this project.)
 */
export function sendsWhileRunning({ accelerator }: QemuHost): boolean {
  return accelerator === 'kvm';
}

export interface Switchover {
  readonly uri: string;
  /** See `sendsWhileRunning`. */
  readonly whileRunning: boolean;
  /** Done while the machine stands still and its disks are still its own. */
  readonly whileStopped: () => Promise<void>;
}

/**
 * Sends the memory and devices of a running machine somewhere, as they are at one moment. The machine runs again when
 * this resolves, not always when it rejects: see `resumeInterrupted`.
 * @returns for how many milliseconds it stood still, by the monitor's own clock
 */
export async function switchover(
  qmp: QmpClient,
  { uri, whileRunning, whileStopped }: Switchover,
  signal: AbortSignal,
): Promise<number> {
  let stopped: number | undefined;
  let resumed: number | undefined;
  const unsubscribe = qmp.subscribe(({ event, data, at }) => {
    if (event === 'STOP') stopped = at;
    if (event === 'RESUME') resumed = at;
    if (event === 'MIGRATION_PASS' && data.pass === PASSES) {
      // Refused only by a monitor that is gone, which whatever is waited for tells as well.
      limitStandstill(qmp, ANY_STANDSTILL_MILLISECONDS, signal).catch(() => undefined);
    }
  });
  const watch = watchMigration(qmp);
  try {
    await prepareMigration(qmp, { ignoreShared: false, pauseBeforeSwitchover: whileRunning }, signal);
    await limitStandstill(qmp, STANDSTILL_MILLISECONDS, signal);
    if (whileRunning) {
      await qmp.execute('migrate', { uri }, signal);
      await watch.until('pre-switchover', signal);
      await whileStopped();
      await qmp.execute('migrate-continue', { state: 'pre-switchover' }, signal);
    } else {
      await qmp.execute('stop', {}, signal);
      await whileStopped();
      await qmp.execute('migrate', { uri }, signal);
    }
    await watch.until('completed', signal);
    await takeBack(qmp, signal);
  } finally {
    watch.close();
    unsubscribe();
  }
  return stopped === undefined || resumed === undefined ? 0 : Math.max(0, resumed - stopped);
}

async function limitStandstill(qmp: QmpClient, milliseconds: number, signal: AbortSignal): Promise<void> {
  const parameters = { 'max-bandwidth': BANDWIDTH, 'downtime-limit': milliseconds };
  await qmp.execute('migrate-set-parameters', parameters, signal);
}

/** States of a migration in which the machine is not, or not for long, its own. */
const UNDER_WAY: ReadonlySet<unknown> = new Set([
  'setup',
  'active',
  'pre-switchover',
  'device',
  'cancelling',
]);

/** Lets a machine run on that was being copied, at whatever point that was cut off. It must have run before. */
export async function resumeInterrupted(qmp: QmpClient, signal: AbortSignal): Promise<void> {
  const watch = watchMigration(qmp);
  try {
    if (UNDER_WAY.has(await migrationStatus(qmp, signal))) {
      await qmp.execute('migrate_cancel', {}, signal);
      // It completes, or fails, as cancelled ones do: only when it is over it lets go of the machine.
      await watch.until('completed', signal).catch(() => throwIfAborted(signal));
    }
  } finally {
    watch.close();
  }
  await takeBack(qmp, signal);
}

/** Lets a machine run on that was stopped, or given away with its disks, which this takes back. */
async function takeBack(qmp: QmpClient, signal: AbortSignal): Promise<void> {
  for (;;) {
    const state = await runState(qmp, signal);
    if (state === 'postmigrate' || state === 'paused') await qmp.execute('cont', {}, signal);
    if (state !== 'finish-migrate') return;
    // The migration is over and not put away yet: no event tells when it is.
    await delay(POLL_MILLISECONDS);
  }
}

async function migrationStatus(qmp: QmpClient, signal: AbortSignal): Promise<unknown> {
  const answer = await qmp.execute('query-migrate', {}, signal);
  return typeof answer === 'object' && answer !== null && 'status' in answer ? answer.status : undefined;
}
