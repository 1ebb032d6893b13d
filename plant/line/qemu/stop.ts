import { VmplantsError } from '../../../model/errors.js';
import { throwIfAborted, untilAborted, withDeadline } from '../../untilAborted.js';
import type { MachineExit, ProcessIdentity } from '../line.js';
import type { GuestSocket } from './guestSocket.js';
import { killProcess } from './processIdentity.js';
import type { QmpClient } from './qmp.js';
import { isRunning } from './runState.js';

/** A monitor that does not answer within this is not going to shut its guest down either. */
const ASK_DEADLINE_MILLISECONDS = 2000;

export interface StoppableParts {
  readonly process: ProcessIdentity;
  readonly exited: Promise<MachineExit>;
  readonly qmp: QmpClient;
  readonly guest: GuestSocket;
}

/** Asks the guest in both ways that it may understand, waits, and then kills the monitor. */
export async function stop(
  parts: StoppableParts,
  graceMilliseconds: number,
  signal: AbortSignal,
): Promise<MachineExit> {
  if (graceMilliseconds > 0 && (await ask(parts, signal))) {
    const grace = await graceful(parts.exited, graceMilliseconds, signal);
    if (grace !== undefined) return grace;
  }
  killProcess(parts.process);
  return await untilAborted(parts.exited, signal);
}

/** Whether the guest could hear it: not when it is paused or the monitor hangs. */
async function ask({ qmp, guest }: StoppableParts, signal: AbortSignal): Promise<boolean> {
  try {
    return await withDeadline(signal, ASK_DEADLINE_MILLISECONDS, async (until) => {
      if (!(await isRunning(qmp, until))) return false;
      await Promise.all([guest.send({ kind: 'stop' }, until), qmp.execute('system_powerdown', {}, until)]);
      return true;
    });
  } catch (error) {
    throwIfAborted(signal);
    // The monitor may be hanging, or gone in the meantime: either way the next step settles it.
    if (error instanceof VmplantsError) return false;
    throw error;
  }
}

/** The exit, or undefined when the grace is over first. */
async function graceful(
  exited: Promise<MachineExit>,
  milliseconds: number,
  signal: AbortSignal,
): Promise<MachineExit | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await untilAborted(Promise.race([exited, over]), signal);
  } finally {
    clearTimeout(timer);
  }
}
