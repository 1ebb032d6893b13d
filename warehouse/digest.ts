import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { fileError } from './fileError.js';

/** Large enough that a read costs little beside its hashing, small enough not to hold the event loop. */
const CHUNK_BYTES = 2 ** 20;

/** SHA-256 (hexadecimal) of an open file, and how many bytes went into it. Reading runs ahead of hashing. */
export async function digestFile(
  handle: FileHandle,
  what: string,
  signal: AbortSignal,
): Promise<{ readonly digest: string; readonly bytes: number }> {
  const hash = createHash('sha256');
  let current = Buffer.allocUnsafe(CHUNK_BYTES);
  let ahead = Buffer.allocUnsafe(CHUNK_BYTES);
  let bytes = 0;
  try {
    let length = (await handle.read(current, 0, CHUNK_BYTES, 0)).bytesRead;
    while (length > 0) {
      signal.throwIfAborted();
      const reading = handle.read(ahead, 0, CHUNK_BYTES, bytes + length);
      hash.update(current.subarray(0, length));
      bytes += length;
      length = (await reading).bytesRead;
      [current, ahead] = [ahead, current];
    }
  } catch (thrown) {
    throw fileError(thrown, what);
  }
  return { digest: hash.digest('hex'), bytes };
}
