import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProcessIdentity } from '../../../../plant/line/line.js';
import {
  identify,
  isAlive,
  killProcess,
  untilEnded,
} from '../../../../plant/line/process/processIdentity.js';

describe('the identity of a process', () => {
  let child: ChildProcess;
  let identity: ProcessIdentity;
  beforeEach(async () => {
    child = spawn('sleep', ['600'], { stdio: 'ignore' });
    await once(child, 'spawn');
    const found = identify(child.pid ?? 0);
    if (found === undefined) throw new Error('the child is not there');
    identity = found;
  });
  afterEach(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });

  it('is the same whenever it is asked', () => {
    expect(identify(identity.pid)).toEqual(identity);
    expect(isAlive(identity)).toBe(true);
  });

  it('is not that of another process, start or boot', () => {
    expect(isAlive({ ...identity, pid: process.pid })).toBe(false);
    expect(isAlive({ ...identity, startTicks: identity.startTicks - 1 })).toBe(false);
    expect(isAlive({ ...identity, bootId: 'another' })).toBe(false);
    expect(identify(2 ** 22 + 1)).toBeUndefined();
  });

  it('decides who is killed', async () => {
    killProcess({ ...identity, startTicks: identity.startTicks + 1 });
    expect(isAlive(identity)).toBe(true);
    const exit = once(child, 'exit');
    killProcess(identity);
    await untilEnded(identity, AbortSignal.timeout(10_000));
    expect(await exit).toEqual([null, 'SIGKILL']);
    killProcess(identity);
  });

  it('is waited for no longer than the signal says', async () => {
    await expect(untilEnded(identity, AbortSignal.timeout(20))).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    });
  });
});
