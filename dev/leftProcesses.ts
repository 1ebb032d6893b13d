import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';

/** A process that belongs to a cluster. */
interface LeftProcess {
  readonly pid: number;
  /** When it began, in clock ticks since the start of the machine: with the number it means one process only. */
  readonly startTicks: string;
}

const LOOK_AGAIN_MILLISECONDS = 20;
const GONE_MILLISECONDS = 10_000;

/** What marks the servers of a cluster: its directory of plants. Not every one of them has it among its arguments. */
const MARK = 'VMPLANTS_CLUSTER';

/** The variables that mark the servers whose plants lie in the directory. */
export function markOf(directory: string): Readonly<Record<string, string>> {
  return { [MARK]: directory };
}

/** Every process with a path below the directory among its arguments (monitors of VMs), and every one that is marked. */
export function processesBelow(directory: string): readonly LeftProcess[] {
  const found: LeftProcess[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    const startTicks = startOf(entry);
    if (startTicks === undefined) continue;
    const isBelow =
      readOptional(`/proc/${entry}/cmdline`)?.includes(`${directory}/`) === true ||
      readOptional(`/proc/${entry}/environ`)?.split('\0').includes(`${MARK}=${directory}`) === true;
    if (isBelow) found.push({ pid: Number(entry), startTicks });
  }
  return found;
}

/** Kills them, and what they start meanwhile, without waiting for their end. */
export function killBelow(directory: string): readonly LeftProcess[] {
  const found = processesBelow(directory);
  for (const { pid, startTicks } of found) {
    // Never another process that has got the number since.
    if (startOf(String(pid)) !== startTicks) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself, or is not ours.
    }
  }
  return found;
}

/**
 * Kills them and waits until they are gone.
 * @returns how many there were, and which could not be ended
 */
export async function endBelow(
  directory: string,
): Promise<{ readonly killed: number; readonly left: readonly number[] }> {
  const killed = new Set<number>();
  const end = performance.now() + GONE_MILLISECONDS;
  for (;;) {
    const found = killBelow(directory);
    for (const { pid } of found) killed.add(pid);
    if (found.length === 0 || performance.now() > end) {
      return { killed: killed.size, left: found.map(({ pid }) => pid) };
    }
    await after(LOOK_AGAIN_MILLISECONDS);
  }
}

/**
 * When the process began, in clock ticks since the start of the machine; undefined when there is no such process any
 * more, or only its remains.
 */
export function startOf(pid: string): string | undefined {
  const stat = readOptional(`/proc/${pid}/stat`);
  // The name in field 2 may hold anything: the fields are counted from its last parenthesis.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

/** Processes end while they are looked at: whatever cannot be read is not there. */
function readOptional(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
