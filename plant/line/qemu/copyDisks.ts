import { dirname, join } from 'node:path';
import { readDiskHeader } from '../../../warehouse/disk.js';
import { cloneRootDisk } from '../disk/cloneDisk.js';
import { copyImageFile } from '../disk/copyImageFile.js';
import type { DiskChain } from '../disk/goldenDisk.js';
import { createQcow2 } from '../disk/qcow2.js';
import { cancelJob, runJob } from './blockJob.js';
import type { CloneRecord } from './cloneRecord.js';
import { diskNode } from './devices.js';
import { type MachineDisk, machineDisks } from './machineDisks.js';
import { nodeNames } from './overlays.js';
import type { QmpClient } from './qmp.js';

/** A disk and the file that is to become its copy, with what that one hangs on. */
export interface DiskCopy {
  readonly disk: MachineDisk;
  readonly target: DiskChain;
}

function copyNode(disk: MachineDisk): string {
  return `${disk.node}-copy`;
}

/**
 * Makes what the copies begin with: what the machine's disks began with. So only what it wrote itself has to be copied
 * from it, and the copy of its root disk is a sibling over the same base as a machine made to be frozen would have.
 */
export async function prepareCopies(
  record: CloneRecord,
  directory: string,
  signal: AbortSignal,
): Promise<readonly DiskCopy[]> {
  const copies: DiskCopy[] = [];
  for (const disk of machineDisks(record)) {
    const file = join(directory, disk.name);
    const target: DiskChain =
      disk.node === 'root'
        ? await cloneRootDisk({ ...record.spec, purpose: 'bake' }, file, signal)
        : await beginAddedDisk(disk, file, signal);
    copies.push({ disk, target });
  }
  return copies;
}

async function beginAddedDisk({ chain }: MachineDisk, file: string, signal: AbortSignal): Promise<DiskChain> {
  const [own, golden] = chain;
  if (golden === undefined) {
    const { virtualBytes } = await readDiskHeader(dirname(own), own.slice(dirname(own).length + 1), 'clone');
    await createQcow2(file, virtualBytes, undefined);
  } else {
    await copyImageFile(golden, file, signal);
  }
  return [file];
}

/** Copies what the machine wrote to its disks before they were held still by overlays. */
export async function copyDisks(
  qmp: QmpClient,
  copies: readonly DiskCopy[],
  signal: AbortSignal,
): Promise<void> {
  for (const { disk, target } of copies) {
    const node = copyNode(disk);
    await qmp.execute('blockdev-add', diskNode(node, target), signal);
    // `top`: this file's own clusters, not those that it only sees through to.
    const backup = { 'job-id': node, device: disk.node, target: node, sync: 'top' };
    await runJob(qmp, node, () => qmp.execute('blockdev-backup', backup, signal), signal);
    await qmp.execute('blockdev-del', { 'node-name': node }, signal);
  }
}

/** Ends what is left of copying that was cut off. */
export async function abandonCopies(
  qmp: QmpClient,
  disks: readonly MachineDisk[],
  signal: AbortSignal,
): Promise<void> {
  const nodes = await nodeNames(qmp, signal);
  for (const disk of disks) {
    const node = copyNode(disk);
    if (!nodes.has(node)) continue;
    await cancelJob(qmp, node, signal);
    await qmp.execute('blockdev-del', { 'node-name': node }, signal);
  }
}
