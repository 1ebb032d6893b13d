import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { VmplantsError } from '../../../model/errors.js';
import type { MachineExit, ProcessIdentity } from '../line.js';
import { identify, untilEnded } from './processIdentity.js';

/** A monitor that runs as a child of this process. */
export interface MonitorProcess {
  readonly identity: ProcessIdentity;
  readonly exited: Promise<MachineExit>;
  /** Lets this process end before the monitor does. */
  release(): void;
}

/** How much of the monitor's error output an exit tells. */
const MESSAGE_BYTES = 4096;

/** File in a clone's directory that takes the standard output and error of its monitor. */
export const MONITOR_LOG = 'monitor.log';

export interface MonitorCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** The clone's. */
  readonly directory: string;
  /** Handed over from descriptor 3 on. */
  readonly descriptors: readonly number[];
  /** All of its environment but the locale. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Starts the monitor in a session of its own, with its output in a file of the clone: it outlives the plant, and no
 * pipe of ours can break under it.
 */
export async function spawnMonitor(command: MonitorCommand): Promise<MonitorProcess> {
  const { program, args, directory, descriptors, environment } = command;
  const log = openSync(join(directory, MONITOR_LOG), 'a', 0o600);
  try {
    const child = spawn(program, args, {
      cwd: directory,
      detached: true,
      env: { ...environment, LC_ALL: 'C' },
      stdio: ['ignore', log, log, ...descriptors],
    });
    const exited = untilChildEnded(child, directory);
    const identity = await identifyChild(child, directory);
    return { identity, exited, release: () => child.unref() };
  } finally {
    closeSync(log);
  }
}

function untilChildEnded(child: ChildProcess, directory: string): Promise<MachineExit> {
  return new Promise((resolve) => {
    child.once('exit', (status, signal) =>
      resolve({ status: status ?? undefined, signal: signal ?? undefined, message: logTail(directory) }),
    );
  });
}

/** A child's number is its own until it is waited for, which happens on the event loop after this. */
function identifyChild(child: ChildProcess, directory: string): Promise<ProcessIdentity> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) =>
      reject(
        new VmplantsError('INTERNAL', 'the monitor could not be started', { reason: 'SPAWN_FAILED', cause }),
      ),
    );
    child.once('spawn', () => {
      const identity = child.pid === undefined ? undefined : identify(child.pid);
      if (identity !== undefined) resolve(identity);
      else reject(monitorEnded(logTail(directory)));
    });
  });
}

/**
 * The end of a monitor that is no child of this process: its status is nobody's to know. Called once its connection
 * has ended. Never settles after the machine was released.
 */
export async function untilAdoptedEnded(
  identity: ProcessIdentity,
  directory: string,
  released: AbortSignal,
): Promise<MachineExit> {
  await untilEnded(identity, released).catch(() => new Promise<never>(() => undefined));
  return { status: undefined, signal: undefined, message: logTail(directory) };
}

/** The monitor is gone and should not be. */
export function monitorEnded(message: string): VmplantsError {
  return new VmplantsError('UNAVAILABLE', 'the monitor ended while its machine was being started', {
    reason: 'MONITOR_ENDED',
    cause: new Error(message),
  });
}

/** The end of what the monitor wrote; empty when there is no such file any more. */
export function logTail(directory: string): string {
  const file = join(directory, MONITOR_LOG);
  try {
    const descriptor = openSync(file, 'r');
    try {
      const from = Math.max(0, statSync(file).size - MESSAGE_BYTES);
      const tail = Buffer.alloc(MESSAGE_BYTES);
      return tail.toString('utf8', 0, readSync(descriptor, tail, 0, MESSAGE_BYTES, from));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return '';
  }
}
