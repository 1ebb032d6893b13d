import { createHash, randomBytes } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { errnoOf } from './fileError.js';

/**
 * Names of the warehouse's temporary directories. The name itself says which process made it, so that no instant
 * exists in which a directory is there and its owner is not known:
 * `.KIND-HOST-PID-STARTTICKS-RANDOM`, where HOST stands for one boot of one host and one PID namespace of it.
 */
export type TemporaryKind = 'staging' | 'removed';

export interface TemporaryName {
  readonly kind: TemporaryKind;
  readonly host: string;
  readonly pid: number;
  /** Start time of the process in clock ticks since boot (field 22 of /proc/PID/stat): numbers of processes recur. */
  readonly startTicks: number;
}

const PATTERN = /^\.(staging|removed)-([0-9a-f]{12})-([0-9]{1,10})-([0-9]{1,20})-[0-9a-f]{12}$/;

/** A new name, owned by this process. */
export async function newTemporaryName(kind: TemporaryKind): Promise<string> {
  const startTicks = await startTicksOf(process.pid);
  return `.${kind}-${await hostTag()}-${process.pid}-${startTicks ?? 0}-${randomBytes(6).toString('hex')}`;
}

/** Undefined for every other name. Pure. */
export function parseTemporaryName(name: string): TemporaryName | undefined {
  const match = PATTERN.exec(name);
  if (match === null) return undefined;
  const [, kind, host, pid, startTicks] = match;
  if (host === undefined || (kind !== 'staging' && kind !== 'removed')) return undefined;
  return { kind, host, pid: Number(pid), startTicks: Number(startTicks) };
}

/**
 * Whether the process that made it is gone. Undefined when that cannot be told from here: it was made on another
 * host, in another container or before the last boot.
 */
export async function isOwnerGone(name: TemporaryName): Promise<boolean | undefined> {
  if (name.host !== (await hostTag())) return undefined;
  return (await startTicksOf(name.pid)) !== name.startTicks;
}

async function hostTag(): Promise<string> {
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  const namespace = await readlink('/proc/self/ns/pid');
  return createHash('sha256').update(bootId).update(namespace).digest('hex').slice(0, 12);
}

async function startTicksOf(pid: number): Promise<number | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses and may itself hold anything: count after its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : Number(fields[19]);
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT' || errnoOf(thrown) === 'ESRCH') return undefined;
    throw thrown;
  }
}
