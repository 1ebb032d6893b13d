import { VmplantsError } from '../../../model/errors.js';
import { throwIfAborted, untilAborted, withDeadline } from '../../untilAborted.js';
import type { OpenGuestChannel } from '../channel/guestChannel.js';
import type { MachineExit, ProcessIdentity } from '../line.js';
import { graceful } from '../process/graceful.js';
import { killProcess } from '../process/processIdentity.js';
import type { QmpClient } from './qmp.js';
import { isRunning } from './runState.js';

/** A monitor that does not answer within this is not going to shut its guest down either. */
const ASK_DEADLINE_MILLISECONDS = 2000;

export interface StoppableParts {
  readonly process: ProcessIdentity;
  readonly exited: Promise<MachineExit>;
  readonly qmp: QmpClient;
  readonly guest: OpenGuestChannel;
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
