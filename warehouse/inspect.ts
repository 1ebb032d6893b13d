import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { VmplantsError } from '../model/errors.js';
import type { GoldenImage } from '../model/goldenImage.js';
import { readDescriptor } from './descriptor.js';
import { checkDisk, readDiskHeader } from './disk.js';
import { fileError } from './fileError.js';
import { checkImageName } from './layout.js';
import { checkPlainFile } from './openPlainFile.js';
import { readPolicy, withPolicy } from './policy.js';
import type { Qcow2Header } from './qcow2Header.js';
import { checkFiles } from './references.js';
import { fileIdentity } from './stamp.js';

/** An image whose own files are all there and are what its descriptor says, contents aside. */
export interface InspectedImage {
  readonly descriptor: GoldenImage;
  /** Why what was decided about it is not known; it then counts as not shared and not pinned. */
  readonly policyProblem?: VmplantsError;
  /** Absolute. */
  readonly directory: string;
  /** The backing path in the header of its disk, to be compared with the base image (`backing.ts`). */
  readonly backingPath: string | undefined;
  /** Identity of each file (`stamp.ts`), by path. */
  readonly identities: ReadonlyMap<string, string>;
}

/**
 * Looks at everything of one image but the contents of its files: the descriptor, that each file it lists is a
 * regular file with one name and the listed size, and the headers of its disks. This comes before QEMU is given
 * any file of it. Rejects with reason IMAGE_INCOMPLETE for what a copy still under way looks like.
 */
export async function inspectImage(directory: string): Promise<InspectedImage> {
  const name = basename(directory);
  checkImageName(name);
  const stats = await lstat(directory).catch((thrown: unknown) => {
    throw fileError(thrown, name);
  });
  checkDirectory(stats, name);

  const written = await readDescriptor(directory);
  checkFiles(written);
  const reading = await readPolicy(directory);
  const descriptor = withPolicy(written, reading);
  const identities = await inspectFiles(directory, descriptor);
  const header = await inspectDisks(directory, descriptor, name);
  return {
    descriptor,
    ...(reading.problem === undefined ? {} : { policyProblem: reading.problem }),
    directory,
    backingPath: header.backingFile?.path,
    identities,
  };
}

/** Rejects with NOT_A_PLAIN_FILE for a symbolic link, and with NOT_A_DIRECTORY for what nobody means as an image. */
export function checkDirectory(stats: Pick<Stats, 'isDirectory' | 'isSymbolicLink'>, name: string): void {
  if (stats.isDirectory()) return;
  const link = stats.isSymbolicLink();
  throw new VmplantsError(
    'FAILED_PRECONDITION',
    `${name}: expected a directory; found ${link ? 'a symbolic link' : 'a file'}`,
    { reason: link ? 'NOT_A_PLAIN_FILE' : 'NOT_A_DIRECTORY', hint: 'copy the image into the warehouse' },
  );
}

async function inspectFiles(directory: string, image: GoldenImage): Promise<ReadonlyMap<string, string>> {
  const identities = new Map<string, string>();
  for (const file of image.files) {
    const what = `${image.name}/${file.path}`;
    const stats = await lstat(join(directory, file.path), { bigint: true }).catch((thrown: unknown) => {
      throw fileError(thrown, what);
    });
    checkPlainFile(stats, what);
    if (stats.size !== BigInt(file.bytes)) {
      throw new VmplantsError(
        'FAILED_PRECONDITION',
        `${what}: expected ${file.bytes} bytes; found ${stats.size}`,
        {
          reason: 'IMAGE_INCOMPLETE',
          hint: 'wait for the copy to end, or copy the image again',
        },
      );
    }
    identities.set(file.path, fileIdentity(stats));
  }
  return identities;
}

/**
 * Checks the headers of the disk and of the disks that host actions added, and answers the first. A disk with a
 * declared base is checked against that base by `backing.ts`; here it must have a backing file at all.
 *
 * @param label Names the image in errors: its files may still lie in a staging directory.
 */
export async function inspectDisks(
  directory: string,
  image: Omit<GoldenImage, 'files'>,
  label: string,
): Promise<Qcow2Header> {
  const header = await readDiskHeader(directory, image.disk.file, label);
  const found = header.backingFile?.path;
  checkDisk(
    header,
    {
      virtualMiB: image.hardware.diskMiB,
      ...(image.disk.backingImage === undefined
        ? {}
        : { backing: found ?? `../${image.disk.backingImage}/` }),
    },
    `${label}/${image.disk.file}`,
  );
  for (const device of image.devices) {
    if (device.kind !== 'disk') continue;
    const added = await readDiskHeader(directory, device.file, label);
    checkDisk(added, { virtualMiB: device.sizeMiB }, `${label}/${device.file}`);
  }
  return header;
}
