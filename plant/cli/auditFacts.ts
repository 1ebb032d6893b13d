import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { VmplantsError } from '../../model/errors.js';
import { readRecords } from '../info/readRecords.js';
import type { ProcessIdentity } from '../line/line.js';
import type { AuditFacts, CloneProcess } from './auditFindings.js';
import { cloneRoot } from './layout.js';

/**
 * Reads what the records of a data directory say and what the kernel sees, without changing either and without a
 * word to the plant.
 * @throws VmplantsError NOT_FOUND when there is no such data directory
 */
export async function readAuditFacts(dataDirectory: string): Promise<AuditFacts> {
  const root = cloneRoot(dataDirectory);
  if (!(await isDirectory(dataDirectory))) {
    throw new VmplantsError('NOT_FOUND', `there is no data directory ${dataDirectory}`, {
      reason: 'NO_DATA_DIRECTORY',
      hint: 'name the one that the plant serves from with --data',
    });
  }
  const served = await isServed(dataDirectory);
  // Records before what they describe: a VM that is made meanwhile is not taken for one without a record.
  const before = await readClones(root);
  const processes = await readProcesses(root);
  const { records, prepared, damaged } = readRecords(dataDirectory);
  const after = new Set(await readClones(root));
  const running = new Set<string>();
  for (const { process } of [...records, ...prepared]) {
    if (process === undefined) continue;
    const now = await identify(process.pid);
    if (now !== undefined) running.add(identityText(now));
  }
  return {
    records,
    prepared,
    damaged,
    cloneRoot: root,
    clones: before.filter((name) => after.has(name)),
    processes,
    alive: (identity) => running.has(identityText(identity)),
    served,
  };
}

/**
 * Whether some process holds the lock that a serving plant keeps on its data directory. Asked of the kernel's table
 * of locks, because trying the lock would be a change.
 */
async function isServed(dataDirectory: string): Promise<boolean> {
  const file = await stat(join(dataDirectory, 'lock.sqlite')).catch(() => undefined);
  if (file === undefined) return false;
  const table = await readFile('/proc/locks', 'utf8').catch(() => '');
  return table.split('\n').some((line) => line.trim().split(/\s+/)[5]?.endsWith(`:${file.ino}`) === true);
}

async function readClones(root: string): Promise<readonly string[]> {
  const names = await readdir(root).catch(() => []);
  return names.filter((name) => !name.startsWith('.')).sort();
}

/**
 * Every process with a path below a clone's directory among its arguments, but those that such a process of the same
 * clone has made: a monitor may consist of several (User-Mode Linux does), and a record names the first of them.
 */
async function readProcesses(root: string): Promise<readonly CloneProcess[]> {
  const found: (CloneProcess & { readonly parent: number })[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const commandLine = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    const clone = cloneInArguments(commandLine, root);
    if (clone === undefined) continue;
    const status = await readStatus(Number(entry));
    if (status !== undefined) found.push({ ...status, clone });
  }
  const clones = new Map(found.map(({ identity, clone }) => [identity.pid, clone]));
  return found
    .filter(({ parent, clone }) => clones.get(parent) !== clone)
    .map(({ identity, clone }) => ({ identity, clone }));
}

/** The name of the clone that a path in a command line lies in; undefined when there is none. Pure. */
export function cloneInArguments(commandLine: string, root: string): string | undefined {
  const prefix = `${root}/`;
  const at = commandLine.indexOf(prefix);
  if (at === -1) return undefined;
  const name = /^[^/,\0]+(?=\/)/.exec(commandLine.slice(at + prefix.length))?.[0];
  return name;
}

async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  return (await readStatus(pid))?.identity;
}

/** Identity of a live process (its number, start time and boot), and the number of its parent. */
async function readStatus(
  pid: number,
): Promise<{ readonly identity: ProcessIdentity; readonly parent: number } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  // The name in field 2 may hold anything: the fields are counted from its last parenthesis.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  return { identity: { pid, startTicks: Number(fields[19]), bootId }, parent: Number(fields[1]) };
}

function identityText({ pid, startTicks, bootId }: ProcessIdentity): string {
  return `${pid} ${startTicks} ${bootId}`;
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
