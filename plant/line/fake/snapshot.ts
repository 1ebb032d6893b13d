import { join } from 'node:path';
import { VmplantsError } from '../../../model/errors.js';
import type { LineEnvironment } from '../../../model/lineEnvironment.js';
import { cloneAddedDisk, cloneRootDisk } from '../disk/cloneDisk.js';
import { createQcow2 } from '../disk/qcow2.js';
import type { MachineSnapshot, SnapshotRequest } from '../line.js';
import { FAKE_FILES } from './cloneRecord.js';
import { saveMemory } from './freeze.js';
import type { RunningMachine } from './running.js';

/**
 * Copies a fake machine. Its guest writes to no disk: the copies are what its own disks began as. It stands still for
 * no time, because nothing of it happens while this process does something else.
 */
export async function snapshot(
  machine: RunningMachine,
  environment: LineEnvironment,
  { directory, memory, onGoesOn }: SnapshotRequest,
  signal: AbortSignal,
): Promise<MachineSnapshot> {
  const { spec, addedDisks, devices } = machine.record;
  if (!machine.isRunning()) {
    throw new VmplantsError(
      'FAILED_PRECONDITION',
      `${spec.vmid}: expected a machine that runs, found one that is stopped`,
      { reason: 'NOT_RUNNING' },
    );
  }
  const frozen = memory ? await saveMemory(machine, environment, directory) : undefined;
  onGoesOn?.();
  // Made to be frozen: so the copy is a sibling over the image's base.
  const sibling = { ...spec, purpose: 'bake' } as const;
  await cloneRootDisk(sibling, join(directory, FAKE_FILES.disk), signal);
  for (const disk of addedDisks) {
    const file = join(directory, disk.file);
    const golden = spec.image.descriptor.devices.find(
      (device) => device.kind === 'disk' && device.action === disk.action,
    );
    if (golden?.kind === 'disk') await cloneAddedDisk(sibling, golden.file, file, signal);
    else await createQcow2(file, disk.sizeMiB * 1024 * 1024, undefined);
  }
  return {
    diskFile: FAKE_FILES.disk,
    addedDisks,
    ...(frozen === undefined ? {} : { memory: frozen }),
    devices,
    pausedMilliseconds: 0,
  };
}
