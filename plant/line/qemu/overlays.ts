import { lstat, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readDiskHeader } from '../../../warehouse/disk.js';
import { throwIfAborted } from '../../untilAborted.js';
import { createQcow2 } from '../disk/qcow2.js';
import { cancelJob, runJob } from './blockJob.js';
import type { CloneRecord } from './cloneRecord.js';
import { diskNode } from './devices.js';
import { type MachineDisk, machineDisks, overlayFile } from './machineDisks.js';
import type { QmpClient } from './qmp.js';

/**
 * Overlays hold a running machine's disks still: what it writes goes to an empty file on top, and what is below stays
 * as it was at one moment, for all disks the same.
 *
 * The clone's record does not know them: a machine that lost its plant meanwhile runs on with them, and whoever copies
 * its disks next calls `removeOverlays` first.
 */

function overlayNode(disk: MachineDisk): string {
  return `${disk.node}-overlay`;
}

function commitJob(disk: MachineDisk): string {
  return `${disk.node}-commit`;
}

/** Makes the overlays and opens them; the machine does not use them yet. */
export async function prepareOverlays(
  qmp: QmpClient,
  disks: readonly MachineDisk[],
  signal: AbortSignal,
): Promise<void> {
  for (const disk of disks) {
    const [active] = disk.chain;
    const directory = dirname(active);
    const { virtualBytes } = await readDiskHeader(directory, disk.name, 'clone');
    const file = overlayFile(directory, disk);
    await createQcow2(file, virtualBytes, active);
    await qmp.execute('blockdev-add', diskNode(overlayNode(disk), [file]), signal);
  }
}

/** Puts all overlays into use at one moment: of several disks, either all or none. */
export async function useOverlays(
  qmp: QmpClient,
  disks: readonly MachineDisk[],
  signal: AbortSignal,
): Promise<void> {
  const actions = disks.map((disk) => ({
    type: 'blockdev-snapshot',
    data: { node: disk.node, overlay: overlayNode(disk) },
  }));
  await qmp.execute('transaction', { actions }, signal);
}

/**
 * Brings what was written to the overlays back to where it belongs and removes them, in whatever state they are. The
 * machine goes on meanwhile. Repeatable.
 */
export async function removeOverlays(
  qmp: QmpClient,
  disks: readonly MachineDisk[],
  signal: AbortSignal,
): Promise<void> {
  const nodes = await nodeNames(qmp, signal);
  for (const disk of disks) {
    await cancelJob(qmp, commitJob(disk), signal);
    const node = overlayNode(disk);
    if (nodes.has(node) && !(await removed(qmp, node, signal))) {
      const job = commitJob(disk);
      const commit = { 'job-id': job, device: node, 'base-node': disk.node };
      await runJob(qmp, job, () => qmp.execute('block-commit', commit, signal), signal);
      await qmp.execute('blockdev-del', { 'node-name': node }, signal);
    }
    await rm(overlayFile(dirname(disk.chain[0]), disk), { force: true });
  }
}

/** Whether the clone has an overlay: only a machine that is being copied, or was when its plant ended, has one. */
export async function hasOverlays(record: CloneRecord): Promise<boolean> {
  const [root] = machineDisks(record);
  if (root === undefined) return false;
  return (await lstat(overlayFile(record.spec.directory, root)).catch(() => undefined)) !== undefined;
}

/** Whether the node could be removed: the monitor refuses it for one that is in use. */
async function removed(qmp: QmpClient, node: string, signal: AbortSignal): Promise<boolean> {
  try {
    await qmp.execute('blockdev-del', { 'node-name': node }, signal);
    return true;
  } catch {
    throwIfAborted(signal);
    return false;
  }
}

/** Names of all block nodes. */
export async function nodeNames(qmp: QmpClient, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const nodes = await qmp.execute('query-named-block-nodes', { flat: true }, signal);
  if (!Array.isArray(nodes)) return new Set();
  return new Set(nodes.map((node: { readonly 'node-name'?: unknown }) => String(node['node-name'])));
}
