import { lstat, rm } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { VmplantsError } from '../../../model/errors.js';
import type { ProcessIdentity } from '../line.js';
import { killProcess, untilEnded } from '../process/processIdentity.js';
import { findMonitor } from './findMonitor.js';
import type { QemuHost } from './host.js';
import { removeReceiver } from './receiver.js';

/** Ends the clone's monitor, known or found, and removes its directory, as `ProductionLine.discard` says. */
export async function discard(
  directory: string,
  identity: ProcessIdentity | undefined,
  host: QemuHost,
  signal: AbortSignal,
): Promise<void> {
  const running = identity ?? findMonitor(directory, host.binary);
  if (running !== undefined) {
    killProcess(running);
    await untilEnded(running, signal);
  }
  const found = await lstat(directory).catch(() => undefined);
  if (found === undefined) return;
  if (!isAbsolute(directory) || !found.isDirectory()) {
    throw new VmplantsError(
      'PERMISSION_DENIED',
      `${directory}: expected the directory of a clone, found something else in its place`,
      {
        reason: 'DIRECTORY_REPLACED',
        hint: 'somebody else wrote to the data directory of the plant; look into it',
      },
    );
  }
  await removeReceiver(directory, host, signal);
  await rm(directory, { recursive: true, force: true });
}
