import { open } from 'node:fs/promises';

/** Makes the entries of a directory outlive a power failure: a file's own fsync does not cover its name. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
