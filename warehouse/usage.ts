import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocatedImage } from '../model/goldenImage.js';
import { readDescriptor } from './descriptor.js';
import { errnoOf, fileError } from './fileError.js';

/** Blocks are counted in this many bytes, whatever the file system's own are (stat(2)). */
const BLOCK_BYTES = 512n;

/** What an image takes on its medium. Holes of sparse files are not counted. */
export interface ImageUsage {
  /** Bytes of its own files: what removing it would free. */
  readonly uniqueBytes: number;
  /** Bytes of the disk that its own hangs on, which is its base's and which all siblings share. */
  readonly sharedBytes: number;
}

/** Rejects as the file system does, for example with NOT_FOUND when the image is removed meanwhile. */
export async function imageUsage(
  image: Pick<LocatedImage, 'directory' | 'backingDirectory'>,
): Promise<ImageUsage> {
  const { directory, backingDirectory } = image;
  return {
    uniqueBytes: await allocatedBytes(directory),
    sharedBytes: backingDirectory === undefined ? 0 : await diskBytes(backingDirectory),
  };
}

/** Bytes that the files of one flat directory take, for example of an image or of a staging directory. */
export async function allocatedBytes(directory: string): Promise<number> {
  try {
    const sizes = await Promise.all(
      (await readdir(directory)).map((entry) => allocated(join(directory, entry))),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch (thrown) {
    throw fileError(thrown, 'what an image takes on its medium cannot be found out');
  }
}

async function diskBytes(baseDirectory: string): Promise<number> {
  const { disk } = await readDescriptor(baseDirectory);
  return allocated(join(baseDirectory, disk.file));
}

/** Nothing for what is gone: temporary files come and go. */
async function allocated(path: string): Promise<number> {
  try {
    return Number((await lstat(path, { bigint: true })).blocks * BLOCK_BYTES);
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return 0;
    throw thrown;
  }
}
