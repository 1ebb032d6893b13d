import { readFileSync, realpathSync } from 'node:fs';
import type { ProcessIdentity } from '../line.js';
import { identify, isAlive, killProcess, processesWith, untilEnded } from '../process/processIdentity.js';
import { directoryArgument } from './argv.js';
import { PROGRAM, type UmlHost } from './host.js';

/**
 * The process that stands for the machine in the directory, found among all: `unshare`, outside of the machine's
 * namespaces, which ends after everything in them.
 */
export function findMachine(directory: string): ProcessIdentity | undefined {
  const found = processesWith(directoryArgument(directory), [PROGRAM.unshare]);
  // For a moment its child, which is to be process 1 inside, is the same program.
  const pids = new Set(found.map(({ identity }) => identity.pid));
  return found.find(({ parent }) => !pids.has(parent))?.identity;
}

/** Process 1 of the machine's process namespace; undefined when it is not there yet or any more. */
export function processInside({ pid }: ProcessIdentity): ProcessIdentity | undefined {
  let children: string;
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  } catch {
    return undefined;
  }
  const [child] = children.trim().split(' ');
  return child === undefined || child === '' ? undefined : identify(Number(child));
}

/**
 * Kills the machine: the process outside, whose end is reported, and process 1 inside, which takes everything in its
 * namespace along.
 */
export function killMachine(identity: ProcessIdentity): void {
  if (!isAlive(identity)) return;
  const inside = processInside(identity);
  killProcess(identity);
  if (inside !== undefined) killProcess(inside);
}

/** Ends whatever runs of the machine in the directory, known or not, in part or as a whole. */
export async function endMachine(
  directory: string,
  identity: ProcessIdentity | undefined,
  host: UmlHost,
  signal: AbortSignal,
): Promise<void> {
  if (identity !== undefined) {
    killMachine(identity);
    await untilEnded(identity, signal);
  }
  const programs = [PROGRAM.unshare, realpathSync(PROGRAM.shell), host.binary];
  const find = () => processesWith(directoryArgument(directory), programs);
  for (let found = find(); found.length > 0; found = find()) {
    for (const one of found) killProcess(one.identity);
    for (const one of found) await untilEnded(one.identity, signal);
  }
}
