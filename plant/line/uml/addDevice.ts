import { lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { VmplantsError } from '../../../model/errors.js';
import type { NewDevice } from '../line.js';
import { makeEmptyBase } from './clone.js';
import { addedDiskFiles, checkPath } from './cloneFiles.js';
import { type CloneRecord, type RecordedDevice, writeCloneRecord } from './cloneRecord.js';
import { ADDED_DISK_LIMIT, addedDisk, CLIENT_DRIVE, medium, networkInterface } from './devices.js';
import type { ManagementConsole } from './mconsole.js';

export interface AddedDevice {
  /** With the device in it. */
  readonly record: CloneRecord;
  /** How it is said to the kernel. */
  readonly configuration: string;
  /** The drive whose medium it takes the place of. */
  readonly drive?: string;
}

/**
 * Makes what a device needs and gives it a place. The record is written before the device is plugged: a place that may
 * be taken is never given out a second time.
 */
export async function placeDevice(record: CloneRecord, device: NewDevice): Promise<AddedDevice> {
  if (device.kind === 'iso') {
    const { action, isoFile } = device;
    await requireMedium(isoFile);
    const next = await remember(record, { kind: 'iso', action, file: isoFile });
    return { record: next, configuration: medium(CLIENT_DRIVE, isoFile), drive: CLIENT_DRIVE };
  }
  if (device.kind === 'disk') return await placeDisk(record, device);
  const { action, mac } = device;
  const index =
    (record.spec.network === 'none' ? 0 : 1) +
    record.devices.filter((one) => one.kind === 'network-interface').length;
  const next = await remember(record, { kind: 'network-interface', action, mac });
  return { record: next, configuration: networkInterface(index, mac) };
}

async function placeDisk(
  record: CloneRecord,
  { action, serial, sizeMiB }: Extract<NewDevice, { kind: 'disk' }>,
): Promise<AddedDevice> {
  const index = record.devices.filter((one) => one.kind === 'disk').length;
  if (index >= ADDED_DISK_LIMIT) {
    throw new VmplantsError(
      'RESOURCE_EXHAUSTED',
      `expected at most ${ADDED_DISK_LIMIT} added disks, this would be one more`,
      { reason: 'NO_FREE_SLOT' },
    );
  }
  const files = addedDiskFiles(index);
  const cow = join(record.spec.directory, files.cow);
  const base = join(record.spec.directory, files.base);
  // What an earlier, failed attempt may have left at this place was never seen by the guest.
  await rm(cow, { force: true });
  await makeEmptyBase(base, sizeMiB);
  const disk = { kind: 'disk', action, serial, sizeMiB, cow, base } as const;
  return { record: await remember(record, disk), configuration: addedDisk(index, disk) };
}

/** @throws VmplantsError FAILED_PRECONDITION unless it is a regular file at a path that can be said */
export async function requireMedium(isoFile: string): Promise<void> {
  checkPath('ISO image', isoFile);
  const status = await lstat(isoFile).catch(() => undefined);
  if (status?.isFile() === true) return;
  throw new VmplantsError('FAILED_PRECONDITION', `${isoFile}: expected an ISO image, a regular file`, {
    reason: 'ISO_MISSING',
  });
}

/** Takes the medium out of a drive, as soon as nobody in the guest has it open. Repeatable. */
export async function removeMedium(
  console: ManagementConsole,
  drive: string,
  signal: AbortSignal,
): Promise<void> {
  if ((await console.command(`config ${drive}`, signal)) === '') return;
  await console.command(`remove ${drive}`, signal);
}

async function remember(record: CloneRecord, device: RecordedDevice): Promise<CloneRecord> {
  const next = { ...record, devices: [...record.devices, device] };
  await writeCloneRecord(next);
  return next;
}
