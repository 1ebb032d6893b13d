import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { markOf } from '../../dev/leftProcesses.js';
import { openWorkDirectory } from '../../dev/workDirectory.js';

const USER = process.geteuid?.();

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'vmplants-work-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** The number of a process that there is none of any more. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' });
  await new Promise((resolve) => child.once('close', resolve));
  return child.pid ?? 0;
}

it('removes what clusters left whose program was killed, and leaves alone those that run', async () => {
  const parent = await temporaryDirectory();
  const dead = join(parent, `vmplants-dev-${await deadPid()}-abc`);
  const live = join(parent, `vmplants-dev-${process.pid}-abc`);
  const other = join(parent, 'vmplants-dev-notes');
  const elsewhere = join(parent, 'elsewhere');
  const link = join(parent, `vmplants-dev-${await deadPid()}-link`);
  for (const directory of [dead, live, other, elsewhere]) await mkdir(directory);
  await symlink(elsewhere, link);
  const left = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], {
    env: markOf(join(dead, 'plants')),
    stdio: 'ignore',
  });
  onTestFinished(() => {
    left.kill('SIGKILL');
  });
  const ended = new Promise((resolve) => left.once('close', (_status, signal) => resolve(signal)));

  const work = await openWorkDirectory(undefined, parent, USER);
  expect([dead, live, other, elsewhere, link].map((path) => existsSync(path))).toEqual([
    ...[false, true, true, true, true],
  ]);
  expect(await ended).toBe('SIGKILL');
  expect([work.kept, existsSync(work.path)]).toEqual([false, true]);
  await work.remove();
  expect(existsSync(work.path)).toBe(false);
});

it('keeps a directory that was named, and refuses one in which a cluster runs', async () => {
  const directory = join(await temporaryDirectory(), 'mine');
  const work = await openWorkDirectory(directory, '/nonexistent', USER);
  await work.remove();
  expect([work.path, work.kept, existsSync(directory)]).toEqual([directory, true, true]);

  const running = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], {
    env: markOf(join(directory, 'plants')),
    stdio: 'ignore',
  });
  onTestFinished(() => {
    running.kill('SIGKILL');
  });
  const opened = (): Promise<string> =>
    openWorkDirectory(directory, '/nonexistent', USER).then(
      () => 'opened',
      (error: Error) => error.message,
    );
  // It bears the mark once it has become the other program.
  await expect.poll(opened, { timeout: 10_000 }).toContain(`found processes ${running.pid}`);
});
