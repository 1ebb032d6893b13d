import { randomUUID } from 'node:crypto';
import { closeSync, constants, openSync, readFileSync, rmSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { VmplantsError } from '../model/errors.js';
import { startOf } from './leftProcesses.js';

/** Says which program owns a directory, and what is to be known when it has died. */
export const OWNER_FILE = 'owner.json';
/** The owner listens there as long as it lives: that is seen from every PID namespace, and never outlives the owner. */
const SOCKET = 'owner.sock';
const ANSWER_MILLISECONDS = 2000;

const recordSchema = z.object({
  pid: z.number().int().positive(),
  /** In clock ticks since the start of the machine: with the number and the boot it means one process only. */
  startTicks: z.string(),
  bootId: z.string(),
  /** Whether the directory outlives the cluster. */
  kept: z.boolean(),
  /** Where the plants say which golden images they use; absolute. */
  warehouse: z.string().startsWith('/').optional(),
});

type OwnerRecord = z.infer<typeof recordSchema>;

/** Who owns a directory: nobody that is known, a program that runs, or one that has died without cleaning up. */
export type Owner =
  | { readonly state: 'none' }
  | { readonly state: 'alive'; readonly pid: number | undefined }
  | { readonly state: 'dead'; readonly kept: boolean; readonly warehouse: string | undefined };

/** A directory that is this program's. */
export interface Ownership {
  /** Who had it before. */
  readonly previous: Exclude<Owner, { readonly state: 'alive' }>;
  /** Writes down in which warehouse the plants say what they use: an absolute path. */
  readonly noteWarehouse: (warehouse: string) => Promise<void>;
  /** Gives it up, before it returns. Repeatable. */
  readonly release: () => void;
}

/** Looks who owns the directory. Whoever cannot be asked counts as alive. */
export async function ownerOf(directory: string): Promise<Owner> {
  const record = readRecord(directory);
  if ((record !== undefined && isRunning(record)) || (await answers(directory, SOCKET))) {
    return { state: 'alive', pid: record?.pid };
  }
  return record === undefined
    ? { state: 'none' }
    : { state: 'dead', kept: record.kept, warehouse: record.warehouse };
}

/**
 * Takes a directory that nobody owns, or somebody who has died.
 * @throws VmplantsError FAILED_PRECONDITION, DIRECTORY_IN_USE, where its owner is alive
 */
export async function takeOwnership(directory: string, kept: boolean): Promise<Ownership> {
  const previous = await ownerOf(directory);
  if (previous.state === 'alive') throw inUse(directory, previous.pid);
  const descriptor = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  let server: Server | undefined;
  let released = false;
  const release = (): void => {
    if (released) return;
    released = true;
    if (server !== undefined) rmSync(join(directory, OWNER_FILE), { force: true });
    // Removes the socket, too, by its path below the descriptor.
    server?.close();
    closeSync(descriptor);
  };
  const record: OwnerRecord = {
    pid: process.pid,
    startTicks: startOf(String(process.pid)) ?? '',
    bootId: bootId(),
    kept,
    ...(previous.state === 'dead' && previous.warehouse !== undefined
      ? { warehouse: previous.warehouse }
      : {}),
  };
  try {
    await clearDead(directory);
    server = await listen(directory, descriptor);
    await writeRecord(directory, record);
  } catch (thrown) {
    release();
    throw thrown;
  }
  return {
    previous,
    noteWarehouse: (warehouse) => writeRecord(directory, { ...record, warehouse }),
    release,
  };
}

/** Removes the socket of an owner who has died; never that of another who takes the directory at the same moment. */
async function clearDead(directory: string): Promise<void> {
  const aside = `.owner-${randomUUID()}.sock`;
  try {
    await rename(join(directory, SOCKET), join(directory, aside));
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return;
    throw thrown;
  }
  if (await answers(directory, aside)) {
    await rename(join(directory, aside), join(directory, SOCKET));
    throw inUse(directory, readRecord(directory)?.pid);
  }
  await rm(join(directory, aside), { force: true });
}

function listen(directory: string, descriptor: number): Promise<Server> {
  const server = createServer((connection) => connection.on('error', () => {}).destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        codeOf(error) === 'EADDRINUSE'
          ? inUse(directory, readRecord(directory)?.pid)
          : new VmplantsError('FAILED_PRECONDITION', `${directory}: cannot listen on a socket there`, {
              reason: 'BAD_DIRECTORY',
              hint: 'name a directory of a local file system that may be written to',
              cause: error,
            }),
      ),
    );
    server.listen(shortPath(descriptor, SOCKET), () => resolve(server.unref()));
  });
}

/** Whether somebody listens on the socket. */
async function answers(directory: string, name: string): Promise<boolean> {
  const descriptor = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return await new Promise((resolve) => {
      const socket = connect(shortPath(descriptor, name));
      const done = (alive: boolean): void => {
        clearTimeout(timer);
        socket.destroy();
        resolve(alive);
      };
      const timer = setTimeout(() => done(true), ANSWER_MILLISECONDS);
      socket.once('connect', () => done(true));
      socket.on('error', (error) => done(!['ECONNREFUSED', 'ENOENT'].includes(codeOf(error) ?? '')));
    });
  } finally {
    closeSync(descriptor);
  }
}

/** The path of a socket may have 107 bytes, which that of a directory may exceed. */
function shortPath(descriptor: number, name: string): string {
  return `/proc/self/fd/${descriptor}/${name}`;
}

function isRunning({ pid, startTicks, bootId: boot }: OwnerRecord): boolean {
  return boot === bootId() && startOf(String(pid)) === startTicks;
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** Undefined where there is none, or something else: no program has owned the directory, or it was still taking it. */
function readRecord(directory: string): OwnerRecord | undefined {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(join(directory, OWNER_FILE), 'utf8')));
  } catch {
    return undefined;
  }
}

/** All or nothing. */
async function writeRecord(directory: string, record: OwnerRecord): Promise<void> {
  const temporary = join(directory, `.${OWNER_FILE}.tmp`);
  await rm(temporary, { force: true });
  await writeFile(temporary, `${JSON.stringify(record)}\n`, { flag: 'wx', mode: 0o600 });
  await rename(temporary, join(directory, OWNER_FILE));
}

function inUse(directory: string, pid: number | undefined): VmplantsError {
  const found = pid === undefined ? 'one that runs' : `that of process ${pid}, which runs`;
  return new VmplantsError('FAILED_PRECONDITION', `${directory}: expected no other cluster; found ${found}`, {
    reason: 'DIRECTORY_IN_USE',
    hint: 'end the cluster that uses it, or name another directory',
  });
}

function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined;
}
