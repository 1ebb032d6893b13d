import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RandomBytes } from '../configure/identity.js';
import type { ProductionLine } from '../line/line.js';
import { identify } from '../line/process/processIdentity.js';

const NAME = /^bake-(\d+)-(\d+)-[0-9a-f]{8}$/;

/**
 * Name of a directory for a machine that bakes: it says which process owns it, so that what a killed one left can be
 * found.
 */
export async function newScratch(scratchRoot: string, random: RandomBytes): Promise<string> {
  await mkdir(scratchRoot, { recursive: true, mode: 0o700 });
  const { pid } = process;
  const ticks = identify(pid)?.startTicks ?? 0;
  return join(scratchRoot, `bake-${pid}-${ticks}-${Buffer.from(random(4)).toString('hex')}`);
}

/**
 * Ends and removes machines that baked for a process that is gone. Gives their directories. Nothing says any more which
 * line they were of: every one is asked.
 */
export async function removeStaleBakes(
  scratchRoot: string,
  lines: readonly ProductionLine[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const removed: string[] = [];
  const names = await readdir(scratchRoot).catch(() => []);
  for (const name of names) {
    const [, pid, ticks] = NAME.exec(name) ?? [];
    if (pid === undefined || identify(Number(pid))?.startTicks === Number(ticks)) continue;
    const directory = join(scratchRoot, name);
    for (const line of lines) await line.discard(directory, undefined, signal);
    removed.push(directory);
  }
  return removed;
}
