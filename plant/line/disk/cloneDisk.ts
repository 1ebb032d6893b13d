import { basename } from 'node:path';
import { VmplantsError } from '../../../model/errors.js';
import { readDiskHeader } from '../../../warehouse/disk.js';
import { backingPath } from '../../../warehouse/layout.js';
import type { CloneSpec } from '../line.js';
import { copyImageFile } from './copyImageFile.js';
import { imageFile } from './imageFile.js';
import { createQcow2 } from './qcow2.js';

/** A disk and what backs it, topmost first; absolute paths of qcow2 files. */
export type DiskChain = readonly [string, ...string[]];

/**
 * Makes the clone's own root disk, a new file. Of a VM: an empty overlay. Of a machine that is made to be frozen: a
 * copy of the image's own overlay, so that what is published is a sibling over the same base and not a link more in
 * a chain. Rejects with FAILED_PRECONDITION when the image is not what its descriptor says.
 */
export async function cloneRootDisk(spec: CloneSpec, file: string, signal: AbortSignal): Promise<DiskChain> {
  const { image } = spec;
  const golden = await readDisk(image.directory, image.descriptor.disk.file);
  if ((golden.backingFile !== undefined) !== (image.descriptor.disk.backingImage !== undefined)) {
    throw inconsistent(golden.path, 'a backing file exactly where the descriptor names a backing image');
  }
  if (golden.backingFile === undefined) {
    // The machine is given its chain spelled out; the name in the header is for whoever looks at the file, and in
    // a disk that is to be published it is the relative one that a warehouse wants.
    const name =
      spec.purpose === 'bake' ? backingPath(image.descriptor.name, image.descriptor.disk.file) : golden.path;
    await createQcow2(file, golden.virtualBytes, name);
    return [file, golden.path];
  }
  if (image.backingDirectory === undefined)
    throw inconsistent(golden.path, 'to be told where its backing image is');
  // By its name in the directory of the image that the descriptor names, never by the path that the disk claims.
  const base = await readDisk(image.backingDirectory, basename(golden.backingFile));
  if (base.backingFile !== undefined) throw inconsistent(base.path, 'a base disk without a backing file');
  if (spec.purpose === 'bake') {
    await copyImageFile(golden.path, file, signal);
    return [file, base.path];
  }
  await createQcow2(file, golden.virtualBytes, golden.path);
  return [file, golden.path, base.path];
}

/** Makes the clone's own version, a new file, of a disk that a host action added to its image. */
export async function cloneAddedDisk(
  spec: CloneSpec,
  name: string,
  file: string,
  signal: AbortSignal,
): Promise<DiskChain> {
  const golden = await readDisk(spec.image.directory, name);
  if (golden.backingFile !== undefined)
    throw inconsistent(golden.path, 'an added disk without a backing file');
  if (spec.purpose === 'bake') {
    await copyImageFile(golden.path, file, signal);
    return [file];
  }
  await createQcow2(file, golden.virtualBytes, golden.path);
  return [file, golden.path];
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
