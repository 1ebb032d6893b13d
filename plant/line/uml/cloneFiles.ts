import { join } from 'node:path';
import { VmplantsError } from '../../../model/errors.js';

/** Names of the files in a clone's directory. */
export const CLONE_FILES = {
  /** The record: see `cloneRecord.ts`. */
  record: 'clone.json',
  disk: 'disk.cow',
  /** Pipes: what the guest's daemon hears and says, and the same of its console. */
  toGuest: 'guest.in',
  fromGuest: 'guest.out',
  toConsole: 'console.in',
  fromConsole: 'console.out',
  /** A pipe: a line in it lets the paused machine run. Gone once it does. */
  go: 'go',
} as const;

/** The pipes in the order of their descriptors in the monitor, from 3 on. */
export const PIPES = [
  CLONE_FILES.toGuest,
  CLONE_FILES.fromGuest,
  CLONE_FILES.toConsole,
  CLONE_FILES.fromConsole,
  CLONE_FILES.go,
] as const;

/** Name of the machine within its own directory. */
export const MACHINE_NAME = 'vm';

/**
 * Directory of the management console's socket. It is where `uml_mconsole` looks first, with the clone's directory as
 * its home: so it never looks in a place that everybody may write to.
 */
export function consoleDirectory(directory: string): string {
  return join(directory, '.uml');
}

export function consoleSocket(directory: string): string {
  return join(consoleDirectory(directory), MACHINE_NAME, 'mconsole');
}

/** Names of the two files of the N-th added disk, from 0: what is written, and the empty or golden disk below it. */
export function addedDiskFiles(index: number): { readonly cow: string; readonly base: string } {
  return { cow: `added-${index}.cow`, base: `added-${index}.base` };
}

/** What fits into `sun_path` of a Unix socket address with its final NUL. */
const SOCKET_PATH_LIMIT_BYTES = 107;

/** What the kernel's command line and the management console take as they are: no separator of either. */
const PLAIN_PATH = /^\/[A-Za-z0-9._@+=~/-]*$/;
/** Less than a command of the management console holds (512 bytes). */
const PATH_LIMIT_BYTES = 400;

/** @throws VmplantsError FAILED_PRECONDITION when the path cannot be said to User-Mode Linux */
export function checkPath(what: string, path: string): void {
  if (PLAIN_PATH.test(path) && path.length <= PATH_LIMIT_BYTES) return;
  throw new VmplantsError(
    'FAILED_PRECONDITION',
    `${what}: expected an absolute path of at most ${PATH_LIMIT_BYTES} of A-Z a-z 0-9 . _ @ + = ~ - /, found ${JSON.stringify(path.slice(0, 500))}`,
    { reason: 'PATH_UNSUITABLE', hint: 'give the plant directories with plainer names' },
  );
}

/** @throws VmplantsError FAILED_PRECONDITION when the directory is too deep for the socket in it, or not plain */
export function checkDirectory(directory: string): void {
  checkPath('directory of a clone', directory);
  const longest = consoleSocket(directory);
  if (Buffer.byteLength(longest) <= SOCKET_PATH_LIMIT_BYTES) return;
  throw new VmplantsError(
    'FAILED_PRECONDITION',
    `directory of a clone: expected socket paths of at most ${SOCKET_PATH_LIMIT_BYTES} bytes, ${longest} has ${Buffer.byteLength(longest)}`,
    { reason: 'PATH_TOO_LONG', hint: 'give the plant a data directory with a shorter path' },
  );
}
