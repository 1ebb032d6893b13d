import { VmplantsError } from '../../../model/errors.js';
import { throwIfAborted, untilAborted, withDeadline } from '../../untilAborted.js';
import type { GuestChannel, MachineExit, ProcessIdentity } from '../line.js';
import { graceful } from '../process/graceful.js';
import { killMachine } from './machineProcess.js';

const ASK_DEADLINE_MILLISECONDS = 2000;

export interface StoppableParts {
  readonly process: ProcessIdentity;
  readonly exited: Promise<MachineExit>;
  readonly guest: GuestChannel;
  isPaused(): boolean;
}

/**
 * Asks the guest's daemon, waits, and then kills. The management console's ways are no use: `halt` ends the kernel
 * without a word to the guest, and `cad` means whatever the guest takes it for, mostly a reboot.
 */
export async function stop(
  parts: StoppableParts,
  graceMilliseconds: number,
  signal: AbortSignal,
): Promise<MachineExit> {
  if (graceMilliseconds > 0 && !parts.isPaused() && (await ask(parts.guest, signal))) {
    const grace = await graceful(parts.exited, graceMilliseconds, signal);
    if (grace !== undefined) return grace;
  }
  killMachine(parts.process);
  return await untilAborted(parts.exited, signal);
}

async function ask(guest: GuestChannel, signal: AbortSignal): Promise<boolean> {
  try {
    await withDeadline(signal, ASK_DEADLINE_MILLISECONDS, (until) => guest.send({ kind: 'stop' }, until));
    return true;
  } catch (error) {
    throwIfAborted(signal);
    // It may be gone in the meantime, or not read any more: either way the next step settles it.
    if (error instanceof VmplantsError) return false;
    throw error;
  }
}
