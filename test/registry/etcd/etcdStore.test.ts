import { Etcd3 } from 'etcd3';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type EtcdStore, openEtcdStore } from '../../../registry/etcd/etcdStore.js';
import type { WatchEvent } from '../../../registry/etcd/etcdWatch.js';
import { CLOCK, type EtcdServer, openEtcd } from './etcdServer.js';
import { until } from './until.js';

let etcd: EtcdServer;
beforeAll(async () => {
  etcd = await openEtcd();
});
afterAll(() => etcd.stop());

function open(signal = new AbortController().signal): EtcdStore {
  const store = openEtcdStore(etcd.endpoint, CLOCK, signal);
  onTestFinished(() => store.close());
  return store;
}

function rawClient(): Etcd3 {
  const client = new Etcd3({ hosts: etcd.endpoint });
  onTestFinished(() => client.close());
  return client;
}

describe('a key of a plant', () => {
  it('is written only as it was seen, and goes with its lease', async () => {
    const store = open();
    const { lease, seconds } = await store.grant(4);
    expect(seconds).toBe(4);
    expect(await store.write('/w/a', 'one', lease, undefined)).toBeGreaterThan(0n);
    expect(await store.write('/w/a', 'two', lease, undefined)).toBeUndefined();
    const [seen] = await store.get('/w/a');
    expect(seen).toMatchObject({ key: '/w/a', lease, value: Buffer.from('one') });
    expect(await store.write('/w/a', 'two', lease, (seen?.revision ?? 0n) + 1n)).toBeUndefined();
    expect(await store.write('/w/a', 'two', lease, seen?.revision)).toBeGreaterThan(0n);
    expect((await store.get('/w/a'))[0]?.value.toString()).toBe('two');
    expect(await store.keepAlive(lease)).toBe(true);
    await store.revoke(lease);
    await store.revoke(lease);
    expect(await store.get('/w/a')).toEqual([undefined]);
    expect(await store.keepAlive(lease)).toBe(false);
    expect(await store.write('/w/a', 'three', lease, undefined)).toBeUndefined();
  });

  it('is renewed as often as one likes', async () => {
    const store = open();
    const { lease } = await store.grant(4);
    for (let round = 0; round < 20; round++) expect(await store.keepAlive(lease)).toBe(true);
  });
});

describe('a list', () => {
  it('has every key under the prefix and no other, also when there are more than fit on a page', async () => {
    const client = rawClient();
    const names = Array.from({ length: 1203 }, (_, index) => `/l/${String(index).padStart(5, '0')}`);
    for (let from = 0; from < names.length; from += 100) {
      const batch = names.slice(from, from + 100).map((name) => client.put(name).value('x'));
      await client
        .if('/none', 'Version', '==', 0)
        .then(...batch)
        .commit();
    }
    await client.put('/l').value('outside');
    await client.put('/l0').value('outside');
    const store = open();
    const { keys, revision } = await store.list('/l/');
    expect(keys.map(({ key }) => key)).toEqual(names);
    expect(revision).toBeGreaterThan(0n);
    expect(await store.newest('/l/')).toEqual({ count: names.length, revision: keys.at(-1)?.revision });
    expect(await store.newest('/nothing/')).toEqual({ count: 0, revision: 0n });
  });
});

describe('keys that are no text', () => {
  it('are as many as etcd counts, in a list and in a watch', async () => {
    const client = rawClient();
    const store = open();
    const { revision } = await store.list('/b/');
    for (const last of [0xff, 0xfe]) {
      const key = Buffer.concat([Buffer.from('/b/'), Buffer.from([last])]);
      await client.kv.put({ key, value: Buffer.from('x') });
    }
    const { keys } = await store.list('/b/');
    expect(new Set(keys.map(({ key }) => key)).size).toBe((await store.newest('/b/')).count);
    const seen: string[] = [];
    await store.watch('/b/', revision + 1n, {
      events: (events) => seen.push(...events.map(({ key }) => key)),
      ended: () => undefined,
    });
    await until('both were seen', () => seen.length === 2);
    expect(seen.sort()).toEqual(keys.map(({ key }) => key));
  });
});

describe('a watch', () => {
  it('tells every change from its revision on', async () => {
    const client = rawClient();
    const store = open();
    const { revision } = await store.list('/v/');
    await client.put('/v/early').value('1');
    const events: WatchEvent[] = [];
    await store.watch('/v/', revision + 1n, {
      events: (more) => events.push(...more),
      ended: () => undefined,
    });
    await client.put('/v/late').value('2');
    await client.put('/elsewhere').value('3');
    await client.delete().key('/v/early');
    await until('three events are there', () => events.length === 3);
    expect(events).toMatchObject([
      { kind: 'put', key: '/v/early', value: Buffer.from('1') },
      { kind: 'put', key: '/v/late', value: Buffer.from('2') },
      { kind: 'delete', key: '/v/early' },
    ]);
  });

  it('says that the history it was asked for is compacted', async () => {
    const client = rawClient();
    await client.put('/c/a').value('1');
    await client.put('/c/a').value('2');
    const store = open();
    const { revision } = await store.list('/c/');
    await client.kv.compact({ revision: String(revision) });
    const ends: unknown[] = [];
    await store.watch('/c/', revision - 1n, { events: () => undefined, ended: (why) => ends.push(why) });
    await until('the watch ended', () => ends.length > 0);
    expect(ends).toEqual(['compacted']);
  });
});

describe('an etcd that does not answer', () => {
  it('is told from one that does, within a deadline, and a call can be cancelled', async () => {
    const hung = await openEtcd();
    onTestFinished(() => hung.stop());
    const controller = new AbortController();
    const store = openEtcdStore(hung.endpoint, CLOCK, controller.signal);
    onTestFinished(() => store.close());
    const { lease } = await store.grant(4);
    const ends: unknown[] = [];
    await store.watch('/h/', 1n, { events: () => undefined, ended: (why) => ends.push(why) });
    await hung.stall();
    const away = expect.objectContaining({ code: 'UNAVAILABLE', reason: 'ETCD' });
    const calls = [store.list('/h/'), store.keepAlive(lease), store.write('/h/a', 'x', lease, undefined)];
    expect(await Promise.allSettled(calls)).toMatchObject(calls.map(() => ({ reason: away })));
    const waiting = store.newest('/h/');
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    store.close();
    await until('the watch ended', () => ends.length > 0);
  });

  it('is refused where nothing listens', async () => {
    const none = await openEtcd({ started: false });
    onTestFinished(() => none.stop());
    const store = openEtcdStore(none.endpoint, CLOCK, new AbortController().signal);
    onTestFinished(() => store.close());
    await expect(store.list('/')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining(none.endpoint),
    });
  });
});
