import { createWriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { VmplantsError } from '../../../model/errors.js';
import { untilAborted } from '../../untilAborted.js';
import type { FrozenMachine, MachineExit } from '../line.js';
import { addedDiskFile, CLONE_FILES } from './cloneFiles.js';
import type { CloneRecord } from './cloneRecord.js';
import { CONFIGURATION_DRIVE_ID } from './devices.js';
import { type QemuHost, vmmName } from './host.js';
import { migrate } from './migration.js';
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
  await saveDeviceState(qmp, spec.directory, signal);
  // Answered or cut off: both mean that it ends.
  await qmp.execute('quit', {}, signal).catch(() => undefined);
  await untilAborted(parts.exited, signal);
  const addedDisks = record.devices
    .filter((one) => one.kind !== 'iso')
    .flatMap((one, index) =>
      one.kind === 'disk' ? [{ action: one.action, file: addedDiskFile(index), sizeMiB: one.sizeMiB }] : [],
    );
  const files = [
    CLONE_FILES.disk,
    CLONE_FILES.memory,
    CLONE_FILES.deviceState,
    ...addedDisks.map((one) => one.file),
  ];
  await Promise.all(files.map((name) => sync(join(spec.directory, name))));
  return {
    diskFile: CLONE_FILES.disk,
    addedDisks,
    memory: {
      file: CLONE_FILES.memory,
      deviceStateFile: CLONE_FILES.deviceState,
      memoryMiB: spec.memoryMiB,
      vcpus: spec.vcpus,
      cpuModel: host.cpuModel,
      accelerator: host.accelerator,
      vmm: vmmName(host.version),
      network: spec.network,
    },
  };
}

/**
 * The sandboxed monitor can neither start a program nor be handed a descriptor from here, but it can connect: it
 * writes to a socket in its directory, and we write to the file.
 */
async function saveDeviceState(qmp: QmpClient, directory: string, signal: AbortSignal): Promise<void> {
  const path = join(directory, CLONE_FILES.freezeSocket);
  const target = join(directory, CLONE_FILES.deviceState);
  await rm(path, { force: true });
  const server = createServer();
  try {
    const connection = firstConnection(server);
    await listen(server, path);
    const saved = connection.then((socket) =>
      pipeline(socket, createWriteStream(target, { mode: 0o600 }), { signal }),
    );
    // Awaited below; until then a rejection has to count as handled.
    saved.catch(() => undefined);
    await migrate(qmp, () => qmp.execute('migrate', { uri: `unix:${path}` }, signal), signal);
    await untilAborted(saved, signal);
  } finally {
    server.close();
  }
}

function firstConnection(server: Server): Promise<Socket> {
  return new Promise((resolve) => {
    server.once('connection', resolve);
  });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}

async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
