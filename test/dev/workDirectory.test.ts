import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { plantData } from '../../dev/clusterPlan.js';
import { markOf, processesBelow } from '../../dev/leftProcesses.js';
import { takeOwnership } from '../../dev/owner.js';
import { openWorkDirectory } from '../../dev/workDirectory.js';

const USER = process.geteuid?.();
const ID = `plant-1-${'a'.repeat(16)}`;

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'vmplants-work-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** As a plant leaves it that was killed; gives the file by which it keeps images. */
async function plantIn(directory: string, warehouse: string): Promise<string> {
  await mkdir(plantData(directory, 'plant-1'), { recursive: true });
  await writeFile(join(plantData(directory, 'plant-1'), 'plant-id'), `${ID}\n`);
  await mkdir(join(warehouse, '.users'), { recursive: true });
  const entry = join(warehouse, '.users', `${ID}.json`);
  await writeFile(entry, '{}\n');
  return entry;
}

/** As a program leaves the directory that was killed: the number may be another's by now. */
async function leftBehind(directory: string, kept: boolean, warehouse: string): Promise<string> {
  const owner = { pid: process.pid, startTicks: '1', bootId: 'another', kept, warehouse };
  const entry = await plantIn(directory, warehouse);
  await writeFile(join(directory, 'owner.json'), JSON.stringify(owner));
  return entry;
}

/** A process of a cluster in the directory, which bears its mark. */
async function processOf(directory: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], {
    env: markOf(join(directory, 'plants')),
    stdio: 'ignore',
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const found = (): readonly unknown[] => processesBelow(join(directory, 'plants'));
  // It does once it has become the other program.
  await expect.poll(found, { timeout: 10_000 }).toHaveLength(1);
  return child;
}

it('removes what clusters left whose program was killed, and leaves alone those that run', async () => {
  const parent = await temporaryDirectory();
  const named = (name: string): string => join(parent, `vmplants-dev-${name}`);
  const [dead, live, kept, unowned] = [named('1-dead'), named('2-live'), named('3-kept'), named('notes')];
  const [elsewhere, link] = [join(parent, 'elsewhere'), named('4-link')];
  for (const directory of [live, unowned]) await mkdir(directory);
  const entry = await leftBehind(dead, false, join(parent, 'warehouse'));
  const stays = [
    await leftBehind(kept, true, join(parent, 'warehouse-2')),
    await leftBehind(elsewhere, false, join(parent, 'warehouse-3')),
  ];
  await symlink(elsewhere, link);
  const owned = await takeOwnership(live, false);
  onTestFinished(owned.release);
  const left = await processOf(dead);
  const ended = new Promise((resolve) => left.once('close', (_status, signal) => resolve(signal)));

  const notes: string[] = [];
  const work = await openWorkDirectory(undefined, parent, USER, (text) => notes.push(text));
  onTestFinished(work.remove);
  expect(notes).toEqual([`removed what an earlier cluster had left: ${dead}; killed 1 process of it`]);
  expect([dead, live, kept, unowned, elsewhere, link].map((path) => existsSync(path))).toEqual([
    ...[false, true, true, true, true, true],
  ]);
  expect(existsSync(entry)).toBe(false);
  expect(stays.map((file) => existsSync(file))).toEqual([true, true]);
  expect(await ended).toBe('SIGKILL');
  expect([work.kept, existsSync(work.path)]).toEqual([false, true]);

  const used = join(parent, 'used');
  const mine = await plantIn(work.path, used);
  await work.noteWarehouse(used);
  work.remove();
  work.remove();
  expect([existsSync(work.path), existsSync(mine)]).toEqual([false, false]);
});

it('keeps a directory that was named, and refuses one in which a cluster runs', async () => {
  const directory = join(await temporaryDirectory(), 'mine');
  const open = (): ReturnType<typeof openWorkDirectory> =>
    openWorkDirectory(directory, '/nonexistent', USER, () => {});
  const work = await open();
  onTestFinished(work.remove);
  await expect(open()).rejects.toMatchObject({ reason: 'DIRECTORY_IN_USE' });
  await writeFile(join(directory, 'data'), '');
  work.remove();
  expect([work.path, work.kept, await readdir(directory)]).toEqual([directory, true, ['data']]);

  // Nobody knows whose it is.
  const running = await processOf(directory);
  await expect(open()).rejects.toThrow(`found processes ${running.pid}`);
  expect([await readdir(directory), running.signalCode]).toEqual([['data'], null]);
});

it('takes a named directory whose owner was killed, and ends what runs there', async () => {
  const parent = await temporaryDirectory();
  const directory = join(parent, 'mine');
  const entry = await leftBehind(directory, true, join(parent, 'warehouse'));
  const left = await processOf(directory);
  const ended = new Promise((resolve) => left.once('close', (_status, signal) => resolve(signal)));
  const notes: string[] = [];
  const work = await openWorkDirectory(directory, '/nonexistent', USER, (text) => notes.push(text));
  onTestFinished(work.remove);
  expect(await ended).toBe('SIGKILL');
  expect(notes).toEqual([`killed 1 process that an earlier cluster had left in ${directory}`]);
  expect([existsSync(entry), existsSync(plantData(directory, 'plant-1'))]).toEqual([false, true]);
});
