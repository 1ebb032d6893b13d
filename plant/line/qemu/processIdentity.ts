import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errnoOf } from '../../../warehouse/fileError.js';
import { throwIfAborted } from '../../untilAborted.js';
import type { ProcessIdentity } from '../line.js';
import { CLONE_FILES } from './cloneFiles.js';

/** Between two looks at a process that is ending and is no child of ours: first short, then longer. */
const FIRST_POLL_MILLISECONDS = 2;
const LAST_POLL_MILLISECONDS = 200;

/** Identity of a live process; undefined when there is none of that number, or only its remains. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readOptional(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name in field 2 may hold anything: the fields are counted from its last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  if (state === 'Z' || state === 'X') return undefined;
  const startTicks = Number(fields[19]);
  return { pid, startTicks, bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() };
}

/** Whether exactly this process still runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  return now !== undefined && now.startTicks === identity.startTicks && now.bootId === identity.bootId;
}

/** Kills exactly this process, if it still runs; never another that got its number. */
export function killProcess(identity: ProcessIdentity): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, 'SIGKILL');
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}

/** Resolves when the process has ended. */
export async function untilEnded(identity: ProcessIdentity, signal: AbortSignal): Promise<void> {
  for (
    let pause = FIRST_POLL_MILLISECONDS;
    isAlive(identity);
    pause = Math.min(pause * 2, LAST_POLL_MILLISECONDS)
  ) {
    throwIfAborted(signal);
    await delay(pause);
  }
}

/**
 * The monitor that runs the clone in the directory, found among all processes: for when the plant died between
 * starting it and writing down which process it was. It must be this emulator, with this clone's monitor socket
 * among its arguments, and belong to the user that the plant runs as.
 */
export function findMonitor(directory: string, binary: string): ProcessIdentity | undefined {
  const argument = `socket,id=qmp,path=${join(directory, CLONE_FILES.qmpSocket).replaceAll(',', ',,')},server=on,wait=off`;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const commandLine = readOptional(`/proc/${entry}/cmdline`);
    if (commandLine === undefined || !commandLine.split('\0').includes(argument)) continue;
    if (executableOf(entry) === binary) return identify(Number(entry));
  }
  return undefined;
}

/** Readable for our own processes only (or for root), which is the check of the owner. */
function executableOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '');
  } catch {
    return undefined;
  }
}

/** Processes end while they are looked at: whatever cannot be read is not there. */
function readOptional(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
