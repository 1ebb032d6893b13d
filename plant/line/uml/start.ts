import { closeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { asVmplantsError, VmplantsError } from '../../../model/errors.js';
import { throwIfAborted } from '../../untilAborted.js';
import type { CloneSpec, Machine, MachineExit, ProcessIdentity } from '../line.js';
import { type MonitorProcess, monitorEnded, spawnMonitor } from '../process/monitorProcess.js';
import { isAlive } from '../process/processIdentity.js';
import { machineArguments } from './argv.js';
import { consoleDirectory, PIPES } from './cloneFiles.js';
import { type CloneRecord, readCloneRecord } from './cloneRecord.js';
import { connect } from './connect.js';
import { PROGRAM, type UmlHost } from './host.js';
import { killMachine, processInside } from './machineProcess.js';
import { openPipe } from './pipe.js';

const POLL_MILLISECONDS = 2;

/**
 * Starts the machine of a clone, paused: its namespaces are there, its pipes open, and the kernel is not running yet.
 * When anything fails, all of it is ended before the rejection.
 */
export async function start(spec: CloneSpec, host: UmlHost, signal: AbortSignal): Promise<Machine> {
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
  await rm(consoleDirectory(spec.directory), { recursive: true, force: true });
  const monitor = await launch(record, host);
  try {
    await untilPaused(monitor.identity, signal);
    const { identity: process, exited, release } = monitor;
    return connect({ record, host, process, exited, release, holdUntilHeard: true });
  } catch (error) {
    killMachine(monitor.identity);
    const exit: MachineExit = await monitor.exited;
    // Killed by us, or dead before: only the latter has something to tell.
    if (exit.signal === 'SIGKILL' || signal.aborted) throw asVmplantsError(error);
    throw monitorEnded(exit.message);
  }
}

async function launch(record: CloneRecord, host: UmlHost): Promise<MonitorProcess> {
  const { directory } = record.spec;
  const descriptors: number[] = [];
  try {
    for (const name of PIPES) descriptors.push(openPipe(join(directory, name), true));
    return await spawnMonitor({
      program: PROGRAM.unshare,
      args: machineArguments(record, host),
      directory,
      descriptors,
      environment: { HOME: directory, TMPDIR: host.memoryDirectory },
    });
  } finally {
    for (const descriptor of descriptors) closeSync(descriptor);
  }
}

/** Until there is a process inside the namespaces, which could be made then. */
async function untilPaused(process: ProcessIdentity, signal: AbortSignal): Promise<void> {
  while (processInside(process) === undefined) {
    throwIfAborted(signal);
    if (!isAlive(process)) throw monitorEnded('');
    await delay(POLL_MILLISECONDS);
  }
}
