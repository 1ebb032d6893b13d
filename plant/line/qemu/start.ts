import { open } from 'node:fs/promises';
import { asVmplantsError, VmplantsError } from '../../../model/errors.js';
import { imageFile } from '../disk/imageFile.js';
import type { CloneSpec, Machine } from '../line.js';
import { type MonitorProcess, monitorEnded, spawnMonitor } from '../process/monitorProcess.js';
import { killProcess } from '../process/processIdentity.js';
import { DEVICE_STATE_DESCRIPTOR, monitorArguments } from './argv.js';
import { type CloneRecord, readCloneRecord } from './cloneRecord.js';
import { connectMonitor } from './connectMonitor.js';
import type { QemuHost } from './host.js';
import { createMachine } from './machine.js';
import { migrateDevices } from './migration.js';
import type { QmpClient } from './qmp.js';

/**
 * Starts the monitor of a clone, connects to it and, on the warm rung, loads the frozen device state. The machine
 * stays paused. When anything fails, the monitor is ended before the rejection.
 */
export async function start(spec: CloneSpec, host: QemuHost, signal: AbortSignal): Promise<Machine> {
  const record = await readCloneRecord(spec.directory);
  if (record === undefined || record.spec.vmid !== spec.vmid) {
    throw new VmplantsError(
      'FAILED_PRECONDITION',
      `${spec.directory}: expected the clone of ${spec.vmid}, found none`,
      {
        reason: 'NOT_CLONED',
        hint: 'clone before start',
      },
    );
  }
  const monitor = await launch(record, host);
  try {
    return await connect(record, host, monitor, signal);
  } catch (error) {
    killProcess(monitor.identity);
    const exit = await monitor.exited;
    // Killed by us, or dead before: only the latter has something to tell.
    if (exit.signal === 'SIGKILL' || signal.aborted) throw asVmplantsError(error);
    throw error instanceof VmplantsError && error.code === 'DATA_LOSS'
      ? new VmplantsError(error.code, error.message, {
          ...reasonAndHint(error),
          cause: new Error(exit.message),
        })
      : monitorEnded(exit.message);
  }
}

async function launch(record: CloneRecord, host: QemuHost): Promise<MonitorProcess> {
  const { spec } = record;
  const command = {
    program: host.binary,
    args: monitorArguments(record, host),
    directory: spec.directory,
    environment: {},
  };
  const memory = spec.image.descriptor.memory;
  if (spec.rung === 'disk' || memory === undefined)
    return await spawnMonitor({ ...command, descriptors: [] });
  const state = await open((await imageFile(spec.image.directory, memory.deviceStateFile)).path, 'r');
  try {
    return await spawnMonitor({ ...command, descriptors: [state.fd] });
  } finally {
    await state.close();
  }
}

async function connect(
  record: CloneRecord,
  host: QemuHost,
  monitor: MonitorProcess,
  signal: AbortSignal,
): Promise<Machine> {
  const { qmp, guest } = await connectMonitor(record.spec.directory, monitor, signal);
  try {
    if (record.spec.rung === 'warm') await loadDeviceState(qmp, signal);
    const { identity: process, exited, release } = monitor;
    return createMachine({ record, host, process, exited, qmp, guest, release });
  } catch (error) {
    qmp.close();
    guest.close();
    throw error;
  }
}

function loadDeviceState(qmp: QmpClient, signal: AbortSignal): Promise<void> {
  return migrateDevices(
    qmp,
    () => qmp.execute('migrate-incoming', { uri: `fd:${DEVICE_STATE_DESCRIPTOR}` }, signal),
    signal,
  );
}

function reasonAndHint(error: VmplantsError): { readonly reason?: string; readonly hint?: string } {
  return {
    ...(error.reason === undefined ? {} : { reason: error.reason }),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  };
}
