import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Directories of the end-to-end tests begin so, with the number of the process that made them. */
export const DIRECTORY_PREFIX = 'vmp-e2e';

/** A process that has something of a directory among its arguments. */
export interface FoundProcess {
  readonly pid: number;
  /** Its arguments, with spaces between them. */
  readonly command: string;
}

/** Every process with a path below the directory among its arguments, as the kernel knows them. */
export async function processesIn(directory: string): Promise<readonly FoundProcess[]> {
  const found: FoundProcess[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const command = (await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
    if (command.includes(`${directory}/`)) found.push({ pid: Number(entry), command });
  }
  return found;
}

/** Monitors of virtual machines whose files lie below the directory. */
export async function monitorsIn(directory: string): Promise<readonly number[]> {
  const found = await processesIn(directory);
  return found.filter(({ command }) => command.includes('qemu-system-')).map(({ pid }) => pid);
}

/** Mounts at or below the directory, and those of files in it. */
export async function mountsIn(directory: string): Promise<readonly string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  return table.split('\n').filter((line) => line.includes(directory));
}

/** Ends the processes and removes the directories of runs that were cut off. */
export async function sweepDeadRuns(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = pidInName(name, DIRECTORY_PREFIX);
    if (owner === undefined || isAlive(owner)) continue;
    await endAllIn(join(tmpdir(), name));
  }
}

/** Kills what runs below the directory and removes it. */
export async function endAllIn(directory: string): Promise<void> {
  for (const { pid } of await processesIn(directory)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
  await rm(directory, { recursive: true, force: true, maxRetries: 3 });
}

/** The process number in a name such as `PREFIX-1234-aBcDeF`. */
export function pidInName(name: string, prefix: string): number | undefined {
  const pid = name.startsWith(`${prefix}-`)
    ? /^\d+(?=-)/.exec(name.slice(prefix.length + 1))?.[0]
    : undefined;
  return pid === undefined ? undefined : Number(pid);
}

export function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}
