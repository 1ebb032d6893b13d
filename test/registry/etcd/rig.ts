import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerInEtcd } from '../../../registry/etcd/etcdRegistration.js';
import { openEtcdRegistry } from '../../../registry/etcd/etcdRegistry.js';
import type { PlantEntry } from '../../../registry/etcd/plantEntry.js';
import type { Registration } from '../../../registry/registration.js';
import type { Registry } from '../../../registry/registry.js';
import { type StartedProgram, startProgram } from '../../e2e/program.js';
import { plantEntry } from './entry.js';
import { CLOCK } from './etcdServer.js';
import { until } from './until.js';

/** What has to be ended, the last first. */
export type Cleanup = (() => Promise<unknown> | unknown)[];

/** What was logged. */
interface Logged {
  readonly level: string;
  readonly fields: object;
  readonly message: string;
}

function recordingLogger(records: Logged[]) {
  const at =
    (level: string) =>
    (fields: object, message: string): void =>
      void records.push({ level, fields, message });
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

/** A registry with what happened to it. */
export interface WatchedRegistry extends Registry {
  readonly names: () => readonly (string | undefined)[];
  /** The names after every change. */
  readonly history: (readonly (string | undefined)[])[];
  readonly records: readonly Logged[];
}

export async function watchedRegistry(
  endpoints: readonly string[],
  cleanup: Cleanup,
  prefix = '/vmplants/',
): Promise<WatchedRegistry> {
  const records: Logged[] = [];
  const registry = await openEtcdRegistry({
    endpoints,
    prefix,
    isAddress: (text) => text !== 'no address',
    logger: recordingLogger(records),
    clock: CLOCK,
    signal: new AbortController().signal,
  });
  cleanup.push(() => registry.close());
  const names = () => registry.plants().map(({ name }) => name);
  const history: (readonly (string | undefined)[])[] = [];
  registry.onChange(() => history.push(names()));
  return { ...registry, names, history, records };
}

/** Registers a plant of the name from this process, with the shortest lease. */
export async function registered(
  endpoints: readonly string[],
  name: string,
  cleanup: Cleanup,
  {
    id = `${name}-0123456789abcdef`,
    prefix = '/vmplants/',
    ...entry
  }: Partial<PlantEntry> & { readonly id?: string; readonly prefix?: string } = {},
): Promise<Registration & { readonly records: readonly Logged[] }> {
  const records: Logged[] = [];
  const registration = await registerInEtcd({
    endpoints,
    prefix,
    id,
    entry: plantEntry({ name, address: `${name}:1`, leaseSeconds: 4, ...entry }),
    logger: recordingLogger(records),
    clock: CLOCK,
    signal: new AbortController().signal,
  });
  cleanup.push(() => registration.close());
  return { ...registration, records };
}

/** A real `vmplant serve` without virtual machines. */
export interface PlantProcess extends StartedProgram {
  readonly directory: string;
  readonly address: () => string | undefined;
}

/** Starts one; with an id, on a data directory that had that one before. */
export async function startPlant(
  endpoint: string,
  args: readonly string[],
  cleanup: Cleanup,
  id?: string,
): Promise<PlantProcess> {
  const directory = await mkdtemp(join(tmpdir(), 'vmplants-found-'));
  cleanup.push(() => rm(directory, { recursive: true, force: true }));
  const data = join(directory, 'data');
  if (id !== undefined) {
    await mkdir(data, { mode: 0o700 });
    await writeFile(join(data, 'plant-id'), `${id}\n`);
  }
  const program = startProgram('vmplant', [
    ...['serve', '--line', 'fake', '--listen', '127.0.0.1:0', '--etcd', endpoint],
    ...['--data', data, '--warehouse', join(directory, 'warehouse')],
    ...['--learn-disk', '0', '--prepare-memory', '0', '--log-level', 'info', ...args],
  ]);
  cleanup.push(async () => {
    program.child.kill('SIGKILL');
    await program.ended;
  });
  return { ...program, directory, address: () => / serves on (\S+)\n/.exec(program.stdout())?.[1] };
}

export async function plantIdOf(plant: PlantProcess): Promise<string> {
  return (await readFile(join(plant.directory, 'data/plant-id'), 'utf8')).trim();
}

/** Until it says where it serves. */
export async function serving(plant: PlantProcess): Promise<string> {
  let ended: number | string | undefined;
  plant.ended.then(
    (exit) => {
      ended = exit;
    },
    () => undefined,
  );
  await until(
    'the plant serves',
    () => {
      if (ended !== undefined) throw new Error(`it ended with ${ended}: ${plant.stderr()}`);
      return plant.address() !== undefined;
    },
    60_000,
  );
  return plant.address() ?? '';
}

/** What is put in is ended when the test is over, however it went. */
export function cleanupAfter(onTestFinished: (end: () => Promise<void>) => void): Cleanup {
  const cleanup: Cleanup = [];
  onTestFinished(async () => {
    for (const end of cleanup.splice(0).reverse()) await end();
  });
  return cleanup;
}
