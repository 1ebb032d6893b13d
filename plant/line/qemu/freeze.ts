import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { VmplantsError } from '../../../model/errors.js';
import { untilAborted } from '../../untilAborted.js';
import type { FrozenMachine, MachineExit } from '../line.js';
import { CLONE_FILES } from './cloneFiles.js';
import type { CloneRecord } from './cloneRecord.js';
import { saveDeviceState } from './deviceState.js';
import { CONFIGURATION_DRIVE_ID } from './devices.js';
import { frozenDisks, frozenMemory } from './frozen.js';
import type { QemuHost } from './host.js';
import type { QmpClient } from './qmp.js';

export interface FreezableParts {
  readonly record: CloneRecord;
  readonly host: QemuHost;
  readonly qmp: QmpClient;
  readonly exited: Promise<MachineExit>;
}

/**
 * Freezes the machine: its drive is emptied, its processors stop, its device state goes to a file, and the monitor
 * ends. Its memory is the file that it was mapped from. When this resolves, all of it is on stable storage.
 */
export async function freeze(parts: FreezableParts, signal: AbortSignal): Promise<FrozenMachine> {
  const { record, host, qmp } = parts;
  const { spec } = record;
  if (spec.purpose !== 'bake') {
    throw new VmplantsError(
      'FAILED_PRECONDITION',
      `${spec.vmid}: expected a machine made to be frozen, found one made to be used`,
      {
        reason: 'NOT_FREEZABLE',
      },
    );
  }
  // The medium is this machine's alone; its clones start with an empty drive.
  await qmp.execute('eject', { id: CONFIGURATION_DRIVE_ID, force: true }, signal);
  await qmp.execute('stop', {}, signal);
  const inClone = (name: string): string => join(spec.directory, name);
  await saveDeviceState(qmp, inClone(CLONE_FILES.freezeSocket), inClone(CLONE_FILES.deviceState), signal);
  // Answered or cut off: both mean that it ends.
  await qmp.execute('quit', {}, signal).catch(() => undefined);
  await untilAborted(parts.exited, signal);
  const addedDisks = frozenDisks(record);
  const files = [
    CLONE_FILES.disk,
    CLONE_FILES.memory,
    CLONE_FILES.deviceState,
    ...addedDisks.map((one) => one.file),
  ];
  await Promise.all(files.map((name) => sync(inClone(name))));
  return { diskFile: CLONE_FILES.disk, addedDisks, memory: frozenMemory(record, host) };
}

async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
