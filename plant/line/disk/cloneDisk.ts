import { backingPath } from '../../../warehouse/layout.js';
import type { CloneSpec } from '../line.js';
import { copyImageFile } from './copyImageFile.js';
import { type DiskChain, goldenAddedDisk, goldenRootDisk } from './goldenDisk.js';
import { createQcow2 } from './qcow2.js';

/**
 * Makes the clone's own root disk, a new file. Of a VM: an empty overlay. Of a machine that is made to be frozen: a
 * copy of the image's own overlay, so that what is published is a sibling over the same base and not a link more in
 * a chain. Rejects with FAILED_PRECONDITION when the image is not what its descriptor says.
 */
export async function cloneRootDisk(spec: CloneSpec, file: string, signal: AbortSignal): Promise<DiskChain> {
  const { image } = spec;
  const { chain, virtualBytes } = await goldenRootDisk(image);
  const [golden, base] = chain;
  if (base === undefined) {
    // The machine is given its chain spelled out; the name in the header is for whoever looks at the file, and in
    // a disk that is to be published it is the relative one that a warehouse wants.
    const name =
      spec.purpose === 'bake' ? backingPath(image.descriptor.name, image.descriptor.disk.file) : golden;
    await createQcow2(file, virtualBytes, name);
    return [file, golden];
  }
  if (spec.purpose === 'bake') {
    await copyImageFile(golden, file, signal);
    return [file, base];
  }
  await createQcow2(file, virtualBytes, golden);
  return [file, golden, base];
}

/** Makes the clone's own version, a new file, of a disk that a host action added to its image. */
export async function cloneAddedDisk(
  spec: CloneSpec,
  name: string,
  file: string,
  signal: AbortSignal,
): Promise<DiskChain> {
  const { chain, virtualBytes } = await goldenAddedDisk(spec.image, name);
  const [golden] = chain;
  if (spec.purpose === 'bake') {
    await copyImageFile(golden, file, signal);
    return [file];
  }
  await createQcow2(file, virtualBytes, golden);
  return [file, golden];
}
