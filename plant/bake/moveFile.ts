import { rename, rm } from 'node:fs/promises';
import { copySparse } from '../../warehouse/copySparse.js';
import { errnoOf } from '../../warehouse/fileError.js';

/** Moves a file; between file systems it is copied, with its holes, and then removed. */
export async function moveFile(from: string, to: string, what: string, signal: AbortSignal): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (errnoOf(error) !== 'EXDEV') throw error;
    await copySparse(from, to, what, signal);
    await rm(from);
  }
}
