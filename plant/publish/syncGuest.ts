import { VmplantsError } from '../../model/errors.js';
import type { RandomBytes } from '../configure/identity.js';
import { runSession, type SessionDeadlines } from '../configure/session.js';
import type { GuestChannel } from '../line/line.js';

const TIMEOUT_SECONDS = 120;
const SYNC_SCRIPT = 'sync\ncat /etc/machine-id\n';
/** For a guest without programs: it has nothing to write. */
const NO_PROGRAMS_SCRIPT = 'exit 0\n';
const MACHINE_ID = /^[0-9a-f]{32}$/m;

/**
 * Makes the guest write everything to its disks. Gives its machine id, where it has one. The caller holds the turn at
 * the guest.
 * @throws VmplantsError FAILED_PRECONDITION, SYNC_FAILED or GUEST_BUSY; DEADLINE_EXCEEDED when the guest falls silent
 */
export async function syncGuest(
  guest: GuestChannel,
  runsPrograms: boolean,
  parts: { readonly random: RandomBytes; readonly deadlines: SessionDeadlines },
  signal: AbortSignal,
): Promise<string | undefined> {
  const nonce = Buffer.from(parts.random(16)).toString('hex');
  const script = runsPrograms ? SYNC_SCRIPT : NO_PROGRAMS_SCRIPT;
  const result = await runSession(
    {
      guest,
      doorbell: { kind: 'exec', nonce, timeoutSeconds: TIMEOUT_SECONDS, script },
      timeoutsSeconds: [TIMEOUT_SECONDS],
      deadlines: parts.deadlines,
    },
    signal,
  );
  const [ended] = result.actions;
  if (result.silent || ended === undefined) {
    throw new VmplantsError('DEADLINE_EXCEEDED', 'the guest did not say that its disks are written', {
      reason: 'GUEST_SILENT',
    });
  }
  // A guest without a machine id is one all the same.
  if (ended.status !== 0 && ended.status !== 1) {
    throw new VmplantsError('FAILED_PRECONDITION', 'the guest could not write its disks', {
      reason: 'SYNC_FAILED',
    });
  }
  return MACHINE_ID.exec(Buffer.from(ended.output).toString('latin1'))?.[0];
}
