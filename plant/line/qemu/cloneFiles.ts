import { join } from 'node:path';
import { VmplantsError } from '../../../model/errors.js';

/** Names of the files in a clone's directory. */
export const CLONE_FILES = {
  /** The record: see `cloneRecord.ts`. */
  record: 'clone.json',
  disk: 'disk.qcow2',
  /** Memory of a clone that is made to be frozen. */
  memory: 'memory',
  deviceState: 'device-state',
  qmpSocket: 'qmp.sock',
  guestSocket: 'guest.sock',
  consoleSocket: 'console.sock',
  /** Where the monitor writes its device state while it is frozen. */
  freezeSocket: 'freeze.sock',
} as const;

/** Directory in a clone's directory for the monitor that receives a copy of the machine's memory. */
export const RECEIVER_DIRECTORY = 'receiver';

/** Name of the N-th added disk, from 0. */
export function addedDiskFile(index: number): string {
  return `added-${index}.qcow2`;
}

/** What fits into `sun_path` of a Unix socket address with its final NUL. */
export const SOCKET_PATH_LIMIT_BYTES = 107;

/** @throws VmplantsError FAILED_PRECONDITION when the directory is too deep for the sockets in it */
export function checkSocketPaths(directory: string): void {
  const longest = join(directory, CLONE_FILES.consoleSocket);
  const bytes = Buffer.byteLength(longest);
  if (bytes <= SOCKET_PATH_LIMIT_BYTES) return;
  throw new VmplantsError(
    'FAILED_PRECONDITION',
    `directory of a clone: expected socket paths of at most ${SOCKET_PATH_LIMIT_BYTES} bytes, ${longest} has ${bytes}`,
    { reason: 'PATH_TOO_LONG', hint: 'give the plant a data directory with a shorter path' },
  );
}
