import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { VmplantsError } from '../model/errors.js';
import { fileError } from './fileError.js';

/** An open file and what it was when it was opened. */
export interface PlainFile {
  readonly handle: FileHandle;
  readonly stats: BigIntStats;
}

/**
 * Opens a file for reading if it is a regular file with exactly one name, and follows no link. A hard link is
 * refused because the file could be changed under its other name. `what` names it in errors.
 */
export async function openPlainFile(path: string, what: string): Promise<PlainFile> {
  let handle: FileHandle;
  try {
    // O_NONBLOCK: opening a FIFO that nobody writes to must not hang.
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (thrown) {
    throw fileError(thrown, what);
  }
  try {
    const stats = await handle.stat({ bigint: true });
    checkPlainFile(stats, what);
    return { handle, stats };
  } catch (thrown) {
    await handle.close();
    throw thrown;
  }
}

/** Rejects what is not a regular file with one name. */
export function checkPlainFile(stats: BigIntStats, what: string): void {
  if (!stats.isFile()) notPlain(`${what}: expected a regular file; found ${kindOf(stats)}`);
  if (stats.nlink !== 1n)
    notPlain(`${what}: expected a file with one name; found ${stats.nlink} hard links to it`);
}

function kindOf(stats: BigIntStats): string {
  if (stats.isSymbolicLink()) return 'a symbolic link';
  if (stats.isDirectory()) return 'a directory';
  if (stats.isSocket()) return 'a socket';
  if (stats.isFIFO()) return 'a FIFO';
  return 'a device';
}

function notPlain(message: string): never {
  throw new VmplantsError('FAILED_PRECONDITION', message, {
    reason: 'NOT_A_PLAIN_FILE',
    hint: 'copy the content into a regular file of the image itself',
  });
}
