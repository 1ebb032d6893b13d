import { lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { VmplantsError } from '../../../model/errors.js';
import type { DiskChain } from '../disk/goldenDisk.js';
import { createQcow2 } from '../disk/qcow2.js';
import type { NewDevice } from '../line.js';
import { addedDiskFile } from './cloneFiles.js';
import { type CloneRecord, type RecordedDevice, writeCloneRecord } from './cloneRecord.js';
import {
  ADDED_DEVICE_LIMIT,
  addedDisk,
  addedInterface,
  addedNetdev,
  addedNodeName,
  CLIENT_DRIVE_ID,
  diskNode,
} from './devices.js';
import type { QmpClient } from './qmp.js';

/**
 * Plugs a device into the machine, at the address that it has in every clone of what is frozen from here. The record
 * is written first: a place that may be taken is never given out a second time.
 * @returns the record with the device in it
 */
export async function addDevice(
  qmp: QmpClient,
  record: CloneRecord,
  device: NewDevice,
  signal: AbortSignal,
): Promise<CloneRecord> {
  if (device.kind === 'iso') {
    await changeMedium(qmp, CLIENT_DRIVE_ID, device.isoFile, signal);
    return await remember(record, { kind: 'iso', action: device.action, file: device.isoFile });
  }
  const index = record.devices.filter((one) => one.kind !== 'iso').length;
  if (index >= ADDED_DEVICE_LIMIT) {
    throw new VmplantsError(
      'RESOURCE_EXHAUSTED',
      `expected at most ${ADDED_DEVICE_LIMIT} added devices, this would be one more`,
      {
        reason: 'NO_FREE_SLOT',
      },
    );
  }
  if (device.kind === 'disk') return await plugDisk(qmp, record, device, index, signal);
  const next = await remember(record, { kind: 'network-interface', action: device.action, mac: device.mac });
  const netdev = addedNetdev(index);
  await qmp.execute('netdev_add', { ...netdev }, signal);
  await qmp.execute('device_add', addedInterface(index, netdev, device.mac), signal);
  return next;
}

async function plugDisk(
  qmp: QmpClient,
  record: CloneRecord,
  device: Extract<NewDevice, { kind: 'disk' }>,
  index: number,
  signal: AbortSignal,
): Promise<CloneRecord> {
  const file = join(record.spec.directory, addedDiskFile(index));
  const chain: DiskChain = [file];
  // What an earlier, failed attempt may have left at this place was never seen by the guest.
  await rm(file, { force: true });
  await createQcow2(file, device.sizeMiB * 1024 * 1024, undefined);
  const { action, serial, sizeMiB } = device;
  const next = await remember(record, { kind: 'disk', action, serial, sizeMiB, chain });
  const node = addedNodeName(index);
  await qmp.execute('blockdev-add', diskNode(node, chain), signal);
  await qmp.execute('device_add', addedDisk(index, node, serial), signal);
  return next;
}

/**
 * Puts an ISO into a drive in place of what is there. By force, because a guest locks the tray of a medium that it
 * has mounted, and the host's medium is the host's to change.
 */
export async function changeMedium(
  qmp: QmpClient,
  drive: string,
  isoFile: string,
  signal: AbortSignal,
): Promise<void> {
  const status = await lstat(isoFile).catch(() => undefined);
  if (status?.isFile() !== true) {
    throw new VmplantsError('FAILED_PRECONDITION', `${isoFile}: expected an ISO image, a regular file`, {
      reason: 'ISO_MISSING',
    });
  }
  const medium = { id: drive, filename: isoFile, format: 'raw', 'read-only-mode': 'read-only', force: true };
  await qmp.execute('blockdev-change-medium', medium, signal);
}

/** Takes the medium out of a drive, in the same way, and closes it empty. */
export async function removeMedium(qmp: QmpClient, drive: string, signal: AbortSignal): Promise<void> {
  await qmp.execute('blockdev-open-tray', { id: drive, force: true }, signal);
  await qmp.execute('blockdev-remove-medium', { id: drive }, signal);
  await qmp.execute('blockdev-close-tray', { id: drive }, signal);
}

async function remember(record: CloneRecord, device: RecordedDevice): Promise<CloneRecord> {
  const next = { ...record, devices: [...record.devices, device] };
  await writeCloneRecord(next);
  return next;
}
