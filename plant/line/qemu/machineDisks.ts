import { join } from 'node:path';
import type { DiskChain } from '../disk/goldenDisk.js';
import { addedDiskFile, CLONE_FILES } from './cloneFiles.js';
import type { CloneRecord } from './cloneRecord.js';
import { addedNodeName } from './devices.js';

/** A disk that a machine writes to. */
export interface MachineDisk {
  /** Name of the block node that the virtual device was given when it was plugged in. */
  readonly node: string;
  /** Name of its file in the clone's directory, and in what is frozen or copied of it. */
  readonly name: string;
  readonly chain: DiskChain;
}

/** The machine's disks, the root disk first, then those that host actions added, in their order. */
export function machineDisks(record: CloneRecord): readonly MachineDisk[] {
  const added = record.devices
    .filter((one) => one.kind !== 'iso')
    .flatMap((one, index) =>
      one.kind === 'disk'
        ? [{ node: addedNodeName(index), name: addedDiskFile(index), chain: one.chain }]
        : [],
    );
  return [{ node: 'root', name: CLONE_FILES.disk, chain: record.rootDisk }, ...added];
}

/** File in the clone's directory that takes the disk's writes while a snapshot of it is copied. */
export function overlayFile(directory: string, disk: MachineDisk): string {
  return join(directory, `overlay-${disk.name}`);
}
