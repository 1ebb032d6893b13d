import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { endBelow, markOf, processesBelow } from '../../dev/leftProcesses.js';

const WAIT = 'setTimeout(() => {}, 60_000)';

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'vmplants-left-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A process that waits, with this among its arguments and this in its environment. */
function started(argument: string, env: Readonly<Record<string, string>> = {}): ChildProcess {
  const child = spawn(process.execPath, ['-e', WAIT, argument], { env, stdio: 'ignore' });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

it('ends what has a path below the directory among its arguments or bears its mark, and nothing else', async () => {
  const directory = await temporaryDirectory();
  const ours = [started(join(directory, 'disk.qcow2')), started('nothing', markOf(directory))];
  const others = [
    started(directory),
    started(`${directory}-2/disk.qcow2`),
    started('nothing', markOf(`${directory}-2`)),
    started('nothing', { PWD: directory }),
  ];
  const pids = (children: readonly ChildProcess[]): readonly number[] =>
    children.map(({ pid }) => pid ?? 0).sort((a, b) => a - b);
  const found = (): readonly number[] =>
    processesBelow(directory)
      .map(({ pid }) => pid)
      .sort((a, b) => a - b);
  // A child has its arguments once it has become the other program.
  await expect.poll(found, { timeout: 10_000 }).toEqual(pids(ours));

  expect(await endBelow(directory)).toEqual({ killed: 2, left: [] });
  expect(found()).toEqual([]);
  for (const other of others) expect([other.exitCode, other.signalCode]).toEqual([null, null]);
});
