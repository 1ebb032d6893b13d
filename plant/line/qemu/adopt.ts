import { join } from 'node:path';
import { openGuestChannel } from '../channel/guestChannel.js';
import type { Machine, ProcessIdentity } from '../line.js';
import { untilAdoptedEnded } from '../process/monitorProcess.js';
import { isAlive } from '../process/processIdentity.js';
import { CLONE_FILES } from './cloneFiles.js';
import { readCloneRecord } from './cloneRecord.js';
import { findMonitor } from './findMonitor.js';
import type { QemuHost } from './host.js';
import { createMachine } from './machine.js';
import { hasOverlays } from './overlays.js';
import { openQmp } from './qmp.js';
import { removeReceiver } from './receiver.js';
import { resumeInterrupted } from './switchover.js';
import { connectUnix } from './unixSocket.js';

/** Takes over the machine that runs in the directory, as `ProductionLine.adopt` says. */
export async function adopt(
  directory: string,
  identity: ProcessIdentity | undefined,
  host: QemuHost,
  signal: AbortSignal,
): Promise<Machine | undefined> {
  const record = await readCloneRecord(directory);
  if (record === undefined) return undefined;
  const process = identity ?? findMonitor(directory, host.binary);
  if (process === undefined || !isAlive(process)) return undefined;
  const qmpSocket = await connectUnix(join(directory, CLONE_FILES.qmpSocket), signal);
  try {
    const qmp = await openQmp(qmpSocket, signal);
    // The plant may have ended while it copied the machine, which then must not stand still for ever.
    if (await hasOverlays(record)) await resumeInterrupted(qmp, signal);
    await removeReceiver(directory, host, signal);
    const socket = await connectUnix(join(directory, CLONE_FILES.guestSocket), signal);
    const guest = openGuestChannel({ fromGuest: socket, toGuest: socket, holdUntilHeard: false });
    const released = new AbortController();
    const exited = qmp.closed.then(() => untilAdoptedEnded(process, directory, released.signal));
    return createMachine({ record, host, process, qmp, guest, exited, release: () => released.abort() });
  } catch (error) {
    qmpSocket.destroy();
    throw error;
  }
}
