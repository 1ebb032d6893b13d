import { lstat, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { diskSerial } from '../../../model/diskSerial.js';
import { VmplantsError } from '../../../model/errors.js';
import { throwIfAborted } from '../../untilAborted.js';
import { cloneAddedDisk, cloneRootDisk } from '../disk/cloneDisk.js';
import { copyImageFile } from '../disk/copyImageFile.js';
import { imageFile } from '../disk/imageFile.js';
import type { CloneSpec } from '../line.js';
import { checkSpec } from './checkSpec.js';
import { addedDiskFile, CLONE_FILES, checkSocketPaths } from './cloneFiles.js';
import { type RecordedDevice, writeCloneRecord } from './cloneRecord.js';
import { findMonitor } from './findMonitor.js';
import type { QemuHost } from './host.js';

/**
 * Makes the files of a clone: its disks, its own copy of the memory where it will write to it, which only a machine
 * made to be frozen does, and the record, written last: without it there is nothing to start.
 */
export async function clone(spec: CloneSpec, host: QemuHost, signal: AbortSignal): Promise<void> {
  checkSpec(spec, host);
  checkSocketPaths(spec.directory);
  const { boot } = spec.image.descriptor;
  await Promise.all([boot.kernel, boot.initrd].map((name) => imageFile(spec.image.directory, name)));
  await makeDirectory(spec.directory, host);
  // One after the other, so that a failure leaves nothing behind that still writes.
  const rootDisk = await cloneRootDisk(spec, join(spec.directory, CLONE_FILES.disk), signal);
  const memoryFile = await makeMemory(spec, signal);
  const devices = await makeDevices(spec, signal);
  throwIfAborted(signal);
  await writeCloneRecord({ format: 'vmplants-qemu-clone/1', spec, rootDisk, memoryFile, devices });
}

/** A directory of its own; what an interrupted clone left there is removed first, a running one's files never. */
async function makeDirectory(directory: string, host: QemuHost): Promise<void> {
  const found = await lstat(directory).catch(() => undefined);
  if (found !== undefined) {
    if (!found.isDirectory() || findMonitor(directory, host.binary) !== undefined) {
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

async function makeMemory(spec: CloneSpec, signal: AbortSignal): Promise<string | undefined> {
  const { image } = spec;
  const bytes = spec.memoryMiB * 1024 * 1024;
  const own = join(spec.directory, CLONE_FILES.memory);
  if (spec.rung === 'disk') {
    if (spec.purpose === 'vm') return undefined;
    const handle = await open(own, 'wx', 0o600);
    await handle.truncate(bytes).finally(() => handle.close());
    return own;
  }
  const { memory } = image.descriptor;
  if (memory === undefined) throw wrongMemory(image.directory, 'a frozen memory');
  const [golden] = await Promise.all([
    imageFile(image.directory, memory.file),
    imageFile(image.directory, memory.deviceStateFile),
  ]);
  // QEMU would extend a shorter file, and the golden memory must never change.
  if (golden.bytes !== bytes) throw wrongMemory(golden.path, `${bytes} bytes of memory, not ${golden.bytes}`);
  if (spec.purpose === 'vm') return golden.path;
  await copyImageFile(golden.path, own, signal);
  return own;
}

async function makeDevices(spec: CloneSpec, signal: AbortSignal): Promise<readonly RecordedDevice[]> {
  const { image } = spec;
  const macs = spec.macs.slice(spec.network === 'none' ? 0 : 1);
  const devices: RecordedDevice[] = [];
  let slot = 0;
  let nextMac = 0;
  for (const device of image.descriptor.devices) {
    if (device.kind === 'iso') {
      const { path } = await imageFile(image.directory, device.file);
      devices.push({ kind: 'iso', action: device.action, file: path });
      continue;
    }
    if (device.kind === 'disk') {
      const { action, sizeMiB } = device;
      const chain = await cloneAddedDisk(
        spec,
        device.file,
        join(spec.directory, addedDiskFile(slot)),
        signal,
      );
      devices.push({ kind: 'disk', action, serial: diskSerial(action), sizeMiB, chain });
    } else {
      // `checkSpec` has counted the addresses.
      devices.push({ kind: 'network-interface', action: device.action, mac: macs[nextMac] ?? '' });
      nextMac += 1;
    }
    slot += 1;
  }
  return devices;
}

function wrongMemory(path: string, expected: string): VmplantsError {
  return new VmplantsError('FAILED_PRECONDITION', `golden image, ${path}: expected ${expected}`, {
    reason: 'IMAGE_INCONSISTENT',
    hint: 'verify the golden image and publish it again',
  });
}
