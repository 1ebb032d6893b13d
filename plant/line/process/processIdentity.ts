import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { errnoOf } from '../../../warehouse/fileError.js';
import { throwIfAborted } from '../../untilAborted.js';
import type { ProcessIdentity } from '../line.js';

/** Between two looks at a process that is ending and is no child of ours: first short, then longer. */
const FIRST_POLL_MILLISECONDS = 2;
const LAST_POLL_MILLISECONDS = 200;

/** Identity of a live process; undefined when there is none of that number, or only its remains. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readOptional(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = fieldsOf(stat);
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

/** A process that has an argument that was looked for. */
export interface FoundProcess {
  readonly identity: ProcessIdentity;
  readonly parent: number;
}

/**
 * The processes of one of the programs that have exactly this among their arguments, and belong to the user that the
 * plant runs as: for when the plant died between starting one and writing down which it was.
 * @param programs absolute paths of executables, links resolved
 */
export function processesWith(argument: string, programs: readonly string[]): readonly FoundProcess[] {
  const found: FoundProcess[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const commandLine = readOptional(`/proc/${entry}/cmdline`);
    if (commandLine === undefined || !commandLine.split('\0').includes(argument)) continue;
    if (!programs.includes(executableOf(entry) ?? '')) continue;
    const identity = identify(Number(entry));
    const parent = parentOf(entry);
    if (identity !== undefined && parent !== undefined) found.push({ identity, parent });
  }
  return found;
}

function parentOf(pid: string): number | undefined {
  const stat = readOptional(`/proc/${pid}/stat`);
  return stat === undefined ? undefined : Number(fieldsOf(stat)[1]);
}

/** From field 3 on. The name in field 2 may hold anything: the fields are counted from its last parenthesis. */
function fieldsOf(stat: string): readonly string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
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
