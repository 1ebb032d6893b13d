import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DIRECTORY_PREFIX } from './leftovers.js';

const run = promisify(execFile);
const DEADLINE_MILLISECONDS = 60_000;

/** Reads files from the root file system of a golden image's disk, without starting anything of it. */
export async function readGoldenFiles(
  imageDirectory: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const directory = await mkdtemp(join(tmpdir(), `${DIRECTORY_PREFIX}-${process.pid}-`));
  const raw = join(directory, 'disk.raw');
  const options = { timeout: DEADLINE_MILLISECONDS, maxBuffer: 2 ** 20 };
  try {
    // Follows the disk's backing file by the name in its header, as nothing of the system itself does.
    await run('qemu-img', ['convert', '-U', '-O', 'raw', join(imageDirectory, 'disk.qcow2'), raw], options);
    const found = new Map<string, string>();
    for (const path of paths) {
      const { stdout } = await run('/usr/sbin/debugfs', ['-R', `cat ${path}`, raw], options);
      found.set(path, stdout);
    }
    return found;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
