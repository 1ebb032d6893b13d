import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type EtcdServer, openEtcd } from '../registry/etcd/etcdServer.js';
import {
  cleanupAfter,
  plantIdOf,
  registered,
  serving,
  startPlant,
  watchedRegistry,
} from '../registry/etcd/rig.js';
import { stopProcess } from '../registry/etcd/stopProcess.js';
import { until } from '../registry/etcd/until.js';

let etcd: EtcdServer;
beforeAll(async () => {
  etcd = await openEtcd();
});
afterAll(() => etcd.stop());

/** With the default lease of 5 s: on a busy machine a renewal may come late. */
const LEASE_MILLISECONDS = 5000;

describe.concurrent('fault 33: a plant stands still', () => {
  it('for less than 2 s: it stays; for twice its lease: it vanishes and comes back', {
    timeout: 120_000,
  }, async ({ expect, onTestFinished }) => {
    const cleanup = cleanupAfter(onTestFinished);
    const registry = await watchedRegistry([etcd.endpoint], cleanup, '/still/');
    const plant = await startPlant(etcd.endpoint, ['--name', 'still', '--etcd-prefix', '/still/'], cleanup);
    const address = await serving(plant);
    await until('it is found', () => registry.names().includes('still'));
    expect(registry.plants()).toEqual([{ address, name: 'still' }]);

    // The fault itself takes a given time.
    await stopProcess(plant.child);
    await pause(1900);
    plant.child.kill('SIGCONT');
    // An entry whose lease ran out vanishes within a second; by then it would have.
    await pause(1000);
    expect(registry.history).toEqual([['still']]);

    await stopProcess(plant.child);
    await pause(2 * LEASE_MILLISECONDS);
    expect(registry.names()).toEqual([]);
    plant.child.kill('SIGCONT');
    await until('it is found again', () => registry.names().includes('still'));
    expect(registry.plants()).toEqual([{ address, name: 'still' }]);
    plant.child.kill('SIGKILL');
    await until('it vanishes', () => registry.names().length === 0);
  });
});

describe.concurrent('fault 33: two processes have the id of one plant', () => {
  it('and the first stood still for too long: it is fenced', {
    timeout: 120_000,
  }, async ({ expect, onTestFinished }) => {
    const cleanup = cleanupAfter(onTestFinished);
    const registry = await watchedRegistry([etcd.endpoint], cleanup, '/fenced/');
    const flags = ['--name', 'first', '--lease', '4s', '--etcd-prefix', '/fenced/'];
    const first = await startPlant(etcd.endpoint, flags, cleanup);
    await serving(first);
    await until('it is found', () => registry.names().includes('first'));
    await stopProcess(first.child);
    const id = await plantIdOf(first);
    // It waits for what the first one left behind, and is not refused.
    const second = await registered([etcd.endpoint], 'second', cleanup, { id, prefix: '/fenced/' });
    expect(second.registered()).toBe(true);
    first.child.kill('SIGCONT');
    await until('the first one knows', () => first.stderr().includes('another process keeps the plant id'));
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    await until('the second one is found', () => registry.names().includes('second'));
    expect(registry.history).toEqual([['first'], [], ['second']]);
    expect(second.registered()).toBe(true);
  });

  it('and both live: the second is refused at its start', {
    timeout: 120_000,
  }, async ({ expect, onTestFinished }) => {
    const cleanup = cleanupAfter(onTestFinished);
    const id = 'taken-0123456789abcdef';
    const holder = await registered([etcd.endpoint], 'taken', cleanup, { id });
    const refused = await startPlant(etcd.endpoint, ['--name', 'refused', '--lease', '4s'], cleanup, id);
    expect(await refused.ended).toBe(1);
    expect(refused.stderr()).toContain('another process keeps the plant id');
    expect(refused.stdout()).toBe('');
    expect(holder.registered()).toBe(true);
  });
});
