import { lstat, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { VmplantsError } from '../../../model/errors.js';
import { throwIfAborted } from '../../untilAborted.js';
import { cloneAddedDisk, cloneRootDisk } from '../disk/cloneDisk.js';
import { imageFile } from '../disk/imageFile.js';
import type { CloneSpec, SnapshotDevice } from '../line.js';
import { addedDiskFile, FAKE_FILES, type FakeDisk, writeFakeRecord } from './cloneRecord.js';

/**
 * Makes the files of a fake clone: real qcow2 overlays, so that what is frozen from it can be published like the
 * image of any other line, and the record.
 */
export async function clone(spec: CloneSpec, running: boolean, signal: AbortSignal): Promise<void> {
  await checkImage(spec);
  if ((await lstat(spec.directory).catch(() => undefined)) !== undefined) {
    if (running) {
      throw new VmplantsError('FAILED_PRECONDITION', `${spec.directory}: expected no running machine there`, {
        reason: 'CLONE_IN_USE',
        hint: 'discard the machine first',
      });
    }
    await rm(spec.directory, { recursive: true });
  }
  await mkdir(spec.directory, { mode: 0o700 });
  await cloneRootDisk(spec, join(spec.directory, FAKE_FILES.disk), signal);
  const addedDisks: FakeDisk[] = [];
  for (const device of spec.image.descriptor.devices) {
    if (device.kind !== 'disk') continue;
    const file = addedDiskFile(addedDisks.length);
    await cloneAddedDisk(spec, device.file, join(spec.directory, file), signal);
    addedDisks.push({ action: device.action, file, sizeMiB: device.sizeMiB });
  }
  const devices = spec.image.descriptor.devices.map(
    (device): SnapshotDevice =>
      device.kind === 'iso'
        ? { kind: 'iso', action: device.action, isoFile: join(spec.image.directory, device.file) }
        : { kind: device.kind, action: device.action },
  );
  throwIfAborted(signal);
  await writeFakeRecord({ format: 'vmplants-fake-clone/1', spec, addedDisks, devices });
}

async function checkImage(spec: CloneSpec): Promise<void> {
  if (spec.rung === 'disk') return;
  const { directory, descriptor } = spec.image;
  if (descriptor.memory === undefined) {
    throw new VmplantsError(
      'FAILED_PRECONDITION',
      `golden image ${descriptor.name}: expected a frozen memory`,
      {
        reason: 'SPEC_UNSUITABLE',
      },
    );
  }
  await imageFile(directory, descriptor.memory.deviceStateFile);
}
