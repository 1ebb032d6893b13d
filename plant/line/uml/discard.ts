import { lstat, rm } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { VmplantsError } from '../../../model/errors.js';
import type { ProcessIdentity } from '../line.js';
import type { UmlHost } from './host.js';
import { endMachine } from './machineProcess.js';

/** Ends the clone's machine, known or found, and removes its directory, as `ProductionLine.discard` says. */
export async function discard(
  directory: string,
  identity: ProcessIdentity | undefined,
  host: UmlHost,
  signal: AbortSignal,
): Promise<void> {
  await endMachine(directory, identity, host, signal);
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
  await rm(directory, { recursive: true, force: true });
}
