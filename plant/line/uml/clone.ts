import { lstat, mkdir, open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { diskSerial } from '../../../model/diskSerial.js';
import { VmplantsError } from '../../../model/errors.js';
import { throwIfAborted } from '../../untilAborted.js';
import { goldenAddedDisk, goldenRootDisk } from '../disk/goldenDisk.js';
import { imageFile } from '../disk/imageFile.js';
import type { CloneSpec } from '../line.js';
import { checkSpec } from './checkSpec.js';
import { addedDiskFiles, checkDirectory, checkPath } from './cloneFiles.js';
import { newCloneRecord, type RecordedDevice, writeCloneRecord } from './cloneRecord.js';
import { type Conversions, expandedDisk } from './expandedDisk.js';
import type { UmlHost } from './host.js';
import { findMachine } from './machineProcess.js';
import { makePipes } from './pipe.js';

/**
 * Makes the files of a clone: its pipes and the record, written last. Its disks are made by the kernel when it starts:
 * each is a header that names the golden one, and then what was written.
 */
export async function clone(
  spec: CloneSpec,
  host: UmlHost,
  conversions: Conversions,
  promised: PromisedMemory,
  signal: AbortSignal,
): Promise<void> {
  checkSpec(spec);
  checkDirectory(spec.directory);
  await checkMemory(spec, host, promised);
  promised.set(spec.directory, spec.memoryMiB);
  const { image } = spec;
  const expand = async (file: string, disk: Awaited<ReturnType<typeof goldenRootDisk>>): Promise<string> =>
    await expandedDisk(image, file, disk, host.expandedDirectory, conversions, signal);
  await makeDirectory(spec.directory);
  const baseDisk = await expand(image.descriptor.disk.file, await goldenRootDisk(image));
  const macs = spec.macs.slice(spec.network === 'none' ? 0 : 1);
  const devices: RecordedDevice[] = [];
  let disks = 0;
  for (const device of image.descriptor.devices) {
    const { action } = device;
    if (device.kind === 'iso') {
      const { path } = await imageFile(image.directory, device.file);
      checkPath('ISO of a golden image', path);
      devices.push({ kind: 'iso', action, file: path });
    } else if (device.kind === 'disk') {
      const { sizeMiB } = device;
      const cow = join(spec.directory, addedDiskFiles(disks).cow);
      const base = await expand(device.file, await goldenAddedDisk(image, device.file));
      devices.push({ kind: 'disk', action, serial: diskSerial(action), sizeMiB, cow, base });
      disks += 1;
    } else {
      // `checkSpec` has counted the addresses.
      const index = devices.filter((one) => one.kind === 'network-interface').length;
      devices.push({ kind: 'network-interface', action, mac: macs[index] ?? '' });
    }
  }
  await makePipes(spec.directory, signal);
  throwIfAborted(signal);
  await writeCloneRecord(newCloneRecord({ spec, baseDisk, devices }));
}

/** Memory in MiB of the clones of this process that may run, by their directories. */
export type PromisedMemory = Map<string, number>;

function promisedTo(promised: PromisedMemory, except: string): number {
  let sum = 0;
  for (const [directory, memoryMiB] of promised) if (directory !== except) sum += memoryMiB;
  return sum;
}

/** Makes the empty disk that an added one lies over. */
export async function makeEmptyBase(file: string, sizeMiB: number): Promise<void> {
  // What an earlier, failed attempt may have left at this place was never seen by the guest.
  await rm(file, { force: true });
  const handle = await open(file, 'wx', 0o400);
  await handle.truncate(sizeMiB * 1024 * 1024).finally(() => handle.close());
}

/**
 * A machine whose memory does not fit any more is killed in the middle of something. Memory is taken as it is touched, so
 * what the machines that are there may still touch counts as well.
 */
async function checkMemory(spec: CloneSpec, host: UmlHost, promised: PromisedMemory): Promise<void> {
  const { blocks, bavail, bsize } = await statfs(host.memoryDirectory);
  const mebibytes = (count: number): number => Math.floor((count * bsize) / (1024 * 1024));
  const free = Math.min(mebibytes(bavail), mebibytes(blocks) - promisedTo(promised, spec.directory));
  if (free >= spec.memoryMiB) return;
  throw new VmplantsError(
    'RESOURCE_EXHAUSTED',
    `${host.memoryDirectory}: expected ${spec.memoryMiB} MiB free for the machine's memory, found ${Math.max(0, free)}`,
    { reason: 'HOST_SHORT', hint: 'mount it larger, or collect VMs' },
  );
}

/** A directory of its own; what an interrupted clone left there is removed first, a running one's files never. */
async function makeDirectory(directory: string): Promise<void> {
  const found = await lstat(directory).catch(() => undefined);
  if (found !== undefined) {
    if (!found.isDirectory() || findMachine(directory) !== undefined) {
      throw new VmplantsError(
        'FAILED_PRECONDITION',
        `${directory}: expected no file and no running machine there`,
        {
          reason: 'CLONE_IN_USE',
          hint: 'discard the machine first',
        },
      );
    }
    await rm(directory, { recursive: true });
  }
  await mkdir(directory, { mode: 0o700 });
}
