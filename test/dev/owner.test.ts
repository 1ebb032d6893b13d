import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startOf } from '../../dev/leftProcesses.js';
import { ownerOf, takeOwnership } from '../../dev/owner.js';

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'vmplants-owner-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function change(directory: string, changed: Readonly<Record<string, unknown>>): Promise<void> {
  const file = join(directory, 'owner.json');
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ...changed }));
}

it('owns a directory until it gives it up, also one with a path that no socket can have', async () => {
  const directory = join(await temporaryDirectory(), 'd'.repeat(200));
  await mkdir(directory);
  expect(await ownerOf(directory)).toEqual({ state: 'none' });
  const owned = await takeOwnership(directory, true);
  onTestFinished(owned.release);
  expect(owned.previous).toEqual({ state: 'none' });
  expect(await ownerOf(directory)).toEqual({ state: 'alive', pid: process.pid });
  await expect(takeOwnership(directory, true)).rejects.toMatchObject({
    reason: 'DIRECTORY_IN_USE',
    message: `${directory}: expected no other cluster; found that of process ${process.pid}, which runs`,
  });
  owned.release();
  owned.release();
  expect(await readdir(directory)).toEqual([]);
});

it('takes an owner for alive whose process is not visible here, and for dead whose number another has', async () => {
  const directory = await temporaryDirectory();
  const owned = await takeOwnership(directory, false);
  onTestFinished(owned.release);
  await owned.noteWarehouse('/w');
  // As from another PID namespace: of this number nothing, or somebody else, is seen.
  await change(directory, { startTicks: '1' });
  expect(await ownerOf(directory)).toEqual({ state: 'alive', pid: process.pid });
  // As when somebody has cleaned up the socket alone.
  await rm(join(directory, 'owner.sock'));
  expect(await ownerOf(directory)).toEqual({ state: 'dead', kept: false, warehouse: '/w' });
  await change(directory, { startTicks: startOf(String(process.pid)) });
  expect(await ownerOf(directory)).toEqual({ state: 'alive', pid: process.pid });
  // As after the machine was started again.
  await change(directory, { bootId: 'another' });
  expect(await ownerOf(directory)).toEqual({ state: 'dead', kept: false, warehouse: '/w' });
});

it('is taken by one alone after the owner was killed, whatever socket was left', async () => {
  const directory = await temporaryDirectory();
  const script = `require('node:net').createServer().listen(${JSON.stringify(join(directory, 'owner.sock'))}, () => process.kill(process.pid, 'SIGKILL'))`;
  const killed = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  await new Promise((resolve) => killed.once('close', resolve));
  expect(existsSync(join(directory, 'owner.sock'))).toBe(true);
  await writeFile(
    join(directory, 'owner.json'),
    JSON.stringify({ pid: killed.pid, startTicks: '1', bootId: 'b', kept: true, warehouse: '/w' }),
  );
  const outcomes = await Promise.allSettled([takeOwnership(directory, true), takeOwnership(directory, true)]);
  const owned = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  onTestFinished(() => {
    for (const { release } of owned) release();
  });
  expect(owned.map(({ previous }) => previous)).toEqual([{ state: 'dead', kept: true, warehouse: '/w' }]);
  // The next one finds the warehouse also when this one dies at once.
  expect(JSON.parse(await readFile(join(directory, 'owner.json'), 'utf8'))).toMatchObject({
    pid: process.pid,
    warehouse: '/w',
  });
});
