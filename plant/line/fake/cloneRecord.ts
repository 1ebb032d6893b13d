import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../../warehouse/fileError.js';
import type { CloneSpec, NewDevice, SnapshotDevice } from '../line.js';

/** Names of the files in a fake clone's directory. */
export const FAKE_FILES = {
  record: 'clone.json',
  disk: 'disk.qcow2',
  memory: 'memory',
  deviceState: 'device-state',
} as const;

/** What `clone` decided, kept in the clone's directory. */
export interface FakeCloneRecord {
  readonly format: 'vmplants-fake-clone/1';
  readonly spec: CloneSpec;
  /** Added disks of the image and of this machine, in order. */
  readonly addedDisks: readonly FakeDisk[];
  /** Everything that host actions added, the image's first, in order. */
  readonly devices: readonly SnapshotDevice[];
}

export interface FakeDisk {
  readonly action: string;
  readonly file: string;
  readonly sizeMiB: number;
}

/** Name of the N-th added disk, from 0. */
export function addedDiskFile(index: number): string {
  return `added-${index}.qcow2`;
}

export async function writeFakeRecord(record: FakeCloneRecord): Promise<void> {
  await writeFile(join(record.spec.directory, FAKE_FILES.record), JSON.stringify(record), { mode: 0o600 });
}

/** Undefined when nothing was cloned there. */
export async function readFakeRecord(directory: string): Promise<FakeCloneRecord | undefined> {
  try {
    return JSON.parse(await readFile(join(directory, FAKE_FILES.record), 'utf8')) as FakeCloneRecord;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** A disk that a host action asks for, as the record keeps it. */
export function fakeDisk(device: Extract<NewDevice, { kind: 'disk' }>, index: number): FakeDisk {
  return { action: device.action, file: addedDiskFile(index), sizeMiB: device.sizeMiB };
}

/** A device that was added, as the record keeps it. */
export function fakeDevice(device: NewDevice): SnapshotDevice {
  return device.kind === 'iso'
    ? { kind: 'iso', action: device.action, isoFile: device.isoFile }
    : { kind: device.kind, action: device.action };
}
