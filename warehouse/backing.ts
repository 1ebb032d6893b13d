import { dirname, join } from 'node:path';
import { VmplantsError } from '../model/errors.js';
import type { GoldenImage, LocatedImage } from '../model/goldenImage.js';
import type { InspectedImage } from './inspect.js';
import { backingPath } from './layout.js';

/**
 * Checks that an image's disk is backed by exactly the disk that its descriptor declares, and says where that is.
 * Pure. Images are siblings over one base: a base has no base of its own.
 *
 * @param base The image named by `disk.backingImage`; undefined when the warehouse has no usable one.
 */
export function locateImage(image: InspectedImage, base: GoldenImage | undefined): LocatedImage {
  const { descriptor, directory } = image;
  const baseName = descriptor.disk.backingImage;
  if (baseName === undefined) return { descriptor, directory };
  checkBase(descriptor, base, image.backingPath);
  return { descriptor, directory, backingDirectory: join(dirname(directory), baseName) };
}

/**
 * Rejects with FAILED_PRECONDITION when the base is missing, is itself backed or is not the one that the image was
 * published over, and with INVALID_ARGUMENT when the header names another file than the base's disk.
 */
export function checkBase(
  image: Omit<GoldenImage, 'files'>,
  base: GoldenImage | undefined,
  foundPath: string | undefined,
): void {
  const baseName = image.disk.backingImage;
  if (baseName === undefined) return;
  if (base === undefined) {
    throw new VmplantsError(
      'FAILED_PRECONDITION',
      `${image.name}: expected the golden image ${baseName}, which backs its disk, in the same warehouse; found none that is usable`,
      { reason: 'BASE_MISSING', hint: `copy or build ${baseName} first` },
    );
  }
  if (base.disk.backingImage !== undefined) {
    throw new VmplantsError(
      'FAILED_PRECONDITION',
      `${image.name}: expected the base ${baseName} to stand alone; found it backed by ${base.disk.backingImage}`,
      {
        reason: 'BASE_NOT_FLAT',
        hint: `rebase the disk onto ${base.disk.backingImage} with qemu-img rebase`,
      },
    );
  }
  const expected = backingPath(baseName, base.disk.file);
  if (foundPath !== expected) {
    throw new VmplantsError(
      'INVALID_ARGUMENT',
      `${image.name}/${image.disk.file}: expected the backing file ${expected}; found ${foundPath === undefined ? 'none' : JSON.stringify(foundPath.slice(0, 200))}`,
      { reason: 'BAD_DISK', hint: `qemu-img rebase -F qcow2 -b ${expected} ${image.disk.file}` },
    );
  }
  const digest = diskDigest(base);
  if (image.disk.backingDigest !== undefined && image.disk.backingDigest !== digest) {
    throw new VmplantsError(
      'FAILED_PRECONDITION',
      `${image.name}: expected the disk of ${baseName} with the digest ${image.disk.backingDigest}; found ${digest ?? 'none'}`,
      {
        reason: 'BASE_CHANGED',
        hint: `${image.name} was made over another ${baseName}: bring that one back, or make it anew`,
      },
    );
  }
}

/** Digest of the image's disk, from its list of files. */
export function diskDigest(image: GoldenImage): string | undefined {
  return image.files.find((file) => file.path === image.disk.file)?.digest;
}
