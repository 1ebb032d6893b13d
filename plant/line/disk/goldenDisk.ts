import { basename } from 'node:path';
import { VmplantsError } from '../../../model/errors.js';
import type { LocatedImage } from '../../../model/goldenImage.js';
import { readDiskHeader } from '../../../warehouse/disk.js';
import { imageFile } from './imageFile.js';

/** A disk and what backs it, topmost first; absolute paths of qcow2 files. */
export type DiskChain = readonly [string, ...string[]];

/** A disk of a golden image. */
export interface GoldenDisk {
  /** Its file, and below it that of the image that it hangs on, where there is one. */
  readonly chain: DiskChain;
  readonly virtualBytes: number;
}

/** The image's root disk. Rejects with FAILED_PRECONDITION when the image is not what its descriptor says. */
export async function goldenRootDisk(image: LocatedImage): Promise<GoldenDisk> {
  const golden = await readDisk(image.directory, image.descriptor.disk.file);
  if ((golden.backingFile !== undefined) !== (image.descriptor.disk.backingImage !== undefined)) {
    throw inconsistent(golden.path, 'a backing file exactly where the descriptor names a backing image');
  }
  const { virtualBytes } = golden;
  if (golden.backingFile === undefined) return { chain: [golden.path], virtualBytes };
  if (image.backingDirectory === undefined)
    throw inconsistent(golden.path, 'to be told where its backing image is');
  // By its name in the directory of the image that the descriptor names, never by the path that the disk claims.
  const base = await readDisk(image.backingDirectory, basename(golden.backingFile));
  if (base.backingFile !== undefined) throw inconsistent(base.path, 'a base disk without a backing file');
  return { chain: [golden.path, base.path], virtualBytes };
}

/** A disk that a host action added to the image; it stands alone. Rejects as `goldenRootDisk` does. */
export async function goldenAddedDisk(image: LocatedImage, name: string): Promise<GoldenDisk> {
  const golden = await readDisk(image.directory, name);
  if (golden.backingFile !== undefined)
    throw inconsistent(golden.path, 'an added disk without a backing file');
  return { chain: [golden.path], virtualBytes: golden.virtualBytes };
}

interface ReadDisk {
  readonly path: string;
  readonly virtualBytes: number;
  /** As the header names it. */
  readonly backingFile: string | undefined;
}

async function readDisk(directory: string, name: string): Promise<ReadDisk> {
  const { path } = await imageFile(directory, name);
  const header = await readDiskHeader(directory, name, basename(directory));
  return { path, virtualBytes: header.virtualBytes, backingFile: header.backingFile?.path };
}

function inconsistent(path: string, expected: string): VmplantsError {
  return new VmplantsError('FAILED_PRECONDITION', `golden image, ${path}: expected ${expected}`, {
    reason: 'IMAGE_INCONSISTENT',
    hint: 'verify the golden image and publish it again',
  });
}
