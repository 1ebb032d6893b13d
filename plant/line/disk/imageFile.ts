import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { VmplantsError } from '../../../model/errors.js';
import { FILE_NAME } from '../../../warehouse/layout.js';

/** A regular file of a golden image. */
export interface FoundFile {
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
}

/**
 * The file that a descriptor names, proven to be a regular file in the image's directory and not a link out of it.
 * Rejects with FAILED_PRECONDITION.
 */
export async function imageFile(directory: string, name: string): Promise<FoundFile> {
  if (!FILE_NAME.test(name)) throw refused(directory, name, 'a plain file name');
  const path = join(directory, name);
  const status = await lstat(path).catch((error: unknown) => {
    throw refused(directory, name, 'a readable file', error);
  });
  if (!status.isFile()) throw refused(directory, name, 'a regular file');
  return { path, bytes: status.size };
}

function refused(directory: string, name: string, expected: string, cause?: unknown): VmplantsError {
  return new VmplantsError(
    'FAILED_PRECONDITION',
    `golden image ${directory}, file ${JSON.stringify(name.slice(0, 200))}: expected ${expected}`,
    { reason: 'IMAGE_FILE_REFUSED', hint: 'verify the golden image and publish it again', cause },
  );
}
