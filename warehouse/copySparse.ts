import { open } from 'node:fs/promises';
import { fileError } from './fileError.js';
import { openPlainFile } from './openPlainFile.js';

const CHUNK_BYTES = 2 ** 20;
const BLOCK_BYTES = 2 ** 16;
const ZEROS = Buffer.alloc(BLOCK_BYTES);

/**
 * Copies a regular file into a new one and leaves holes where it holds zeros: a guest's memory is mostly holes,
 * and a copy should take no more room than it. Rejects with ALREADY_EXISTS when the target is there. `what` names
 * the file in errors. The copy is not yet on the disk when this returns: publishing sees to that.
 */
export async function copySparse(from: string, to: string, what: string, signal: AbortSignal): Promise<void> {
  const source = await openPlainFile(from, what);
  try {
    const target = await open(to, 'wx', 0o600);
    try {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      let position = 0;
      for (;;) {
        signal.throwIfAborted();
        const { bytesRead } = await source.handle.read(chunk, 0, CHUNK_BYTES, position);
        if (bytesRead === 0) break;
        for (const [start, end] of dataRuns(chunk.subarray(0, bytesRead))) {
          await writeWhole(target, chunk.subarray(start, end), position + start);
        }
        position += bytesRead;
      }
      await target.truncate(position);
    } finally {
      await target.close();
    }
  } catch (thrown) {
    throw fileError(thrown, what);
  } finally {
    await source.handle.close();
  }
}

/** Pure. The stretches of whole blocks that are not all zero, as [start, end). */
function dataRuns(bytes: Buffer): readonly (readonly [start: number, end: number])[] {
  const runs: [number, number][] = [];
  for (let start = 0; start < bytes.length; start += BLOCK_BYTES) {
    const end = Math.min(start + BLOCK_BYTES, bytes.length);
    if (bytes.subarray(start, end).equals(ZEROS.subarray(0, end - start))) continue;
    const last = runs.at(-1);
    if (last?.[1] === start) last[1] = end;
    else runs.push([start, end]);
  }
  return runs;
}

async function writeWhole(
  target: Awaited<ReturnType<typeof open>>,
  bytes: Buffer,
  position: number,
): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += (await target.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
  }
}
