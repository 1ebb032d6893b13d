import { Etcd3 } from 'etcd3';
import { describe, it } from 'vitest';
import { plantEntry } from '../registry/etcd/entry.js';
import { type EtcdServer, openEtcd } from '../registry/etcd/etcdServer.js';
import { startRelay } from '../registry/etcd/relay.js';
import { type Cleanup, cleanupAfter, registered, watchedRegistry } from '../registry/etcd/rig.js';
import { until } from '../registry/etcd/until.js';

async function etcdServer(cleanup: Cleanup, options?: { readonly started: boolean }): Promise<EtcdServer> {
  const etcd = await openEtcd(options);
  cleanup.push(() => etcd.stop());
  return etcd;
}

function rawClient(etcd: EtcdServer, cleanup: Cleanup): Etcd3 {
  const client = new Etcd3({ hosts: etcd.endpoint });
  cleanup.push(() => client.close());
  return client;
}

const BEGINS = 'etcd is away';
const ENDS = 'etcd answers again';
const outages = (records: readonly { readonly message: string }[]): readonly string[] =>
  records.map(({ message }) => message).filter((message) => message.startsWith('etcd'));

describe.concurrent('fault 33: etcd dies', () => {
  it('keeps the plants that are known, warns once, and lists them anew when it is back', async ({
    expect,
    onTestFinished,
  }) => {
    const cleanup = cleanupAfter(onTestFinished);
    const etcd = await etcdServer(cleanup);
    const plant = await registered([etcd.endpoint], 'one', cleanup);
    const registry = await watchedRegistry([etcd.endpoint], cleanup);
    expect(registry.plants()).toEqual([{ address: 'one:1', name: 'one' }]);
    expect(registry.warning()).toBeUndefined();
    await etcd.kill();
    await until('it warns', () => registry.warning() !== undefined);
    expect(registry.warning()).toContain(etcd.endpoint);
    await until('the plant noticed', () => plant.records.some(({ message }) => message.startsWith(BEGINS)));
    expect(registry.names()).toEqual(['one']);
    await etcd.start();
    await until('the warning is gone', () => registry.warning() === undefined);
    await until('the plant is registered', () => plant.registered());
    await registered([etcd.endpoint], 'two', cleanup);
    await until('changes are seen again', () => registry.names().length === 2);
    expect(registry.history.every((names) => names.includes('one'))).toBe(true);
    expect(outages(registry.records)).toEqual([BEGINS, ENDS]);
    expect(outages(plant.records)).toEqual([`${BEGINS}: the plant works on, unregistered`, ENDS]);
  });

  it('and comes back with nothing: who is alive registers again, who is not vanishes', async ({
    expect,
    onTestFinished,
  }) => {
    const cleanup = cleanupAfter(onTestFinished);
    const etcd = await etcdServer(cleanup);
    await registered([etcd.endpoint], 'alive', cleanup);
    const client = rawClient(etcd, cleanup);
    const dead = plantEntry({ name: 'dead', address: 'dead:1', leaseSeconds: 2 });
    await client.put('/vmplants/plants/dead-0123456789abcdef').value(JSON.stringify(dead));
    const registry = await watchedRegistry([etcd.endpoint], cleanup);
    expect(registry.names()).toEqual(['alive', 'dead']);
    await etcd.kill();
    await until('it warns', () => registry.warning() !== undefined);
    await etcd.wipe();
    await etcd.start();
    await until('the dead one is gone', () => !registry.names().includes('dead'));
    expect(registry.names()).toEqual(['alive']);
    expect(registry.history.every((names) => names.includes('alive'))).toBe(true);
  });
});

describe.concurrent('fault 33: etcd is not there yet', () => {
  it('knows nobody, warns, and finds the plants when it comes', async ({ expect, onTestFinished }) => {
    const cleanup = cleanupAfter(onTestFinished);
    const etcd = await etcdServer(cleanup, { started: false });
    const registry = await watchedRegistry([etcd.endpoint], cleanup);
    const plant = await registered([etcd.endpoint], 'one', cleanup);
    expect(registry.plants()).toEqual([]);
    expect(registry.warning()).toContain('no plants are known yet');
    expect(plant.registered()).toBe(false);
    await etcd.start();
    await until('the plant is found', () => registry.names().includes('one'));
    await until('the warning is gone', () => registry.warning() === undefined);
    expect(outages(registry.records)).toEqual([BEGINS, ENDS]);
  });

  it('is no outage where another member answers', async ({ expect, onTestFinished }) => {
    const cleanup = cleanupAfter(onTestFinished);
    const [none, etcd] = await Promise.all([etcdServer(cleanup, { started: false }), etcdServer(cleanup)]);
    const endpoints = [none.endpoint, etcd.endpoint];
    const plant = await registered(endpoints, 'one', cleanup);
    const registry = await watchedRegistry(endpoints, cleanup);
    expect(plant.registered()).toBe(true);
    expect(registry.names()).toEqual(['one']);
    expect([...outages(plant.records), ...outages(registry.records)]).toEqual([]);
  });
});

describe.concurrent('fault 33: etcd hangs for longer than a lease', () => {
  it('is the same as away, and nobody alive is taken for dead', async ({ expect, onTestFinished }) => {
    const cleanup = cleanupAfter(onTestFinished);
    const etcd = await etcdServer(cleanup);
    const plant = await registered([etcd.endpoint], 'one', cleanup);
    const registry = await watchedRegistry([etcd.endpoint], cleanup);
    const client = rawClient(etcd, cleanup);
    await etcd.stall();
    await until('it warns', () => registry.warning() !== undefined);
    await until('the lease has run out', () => !plant.registered());
    expect(registry.names()).toEqual(['one']);
    etcd.resume();
    await until('the plant is registered', () => plant.registered());
    await until('the warning is gone', () => registry.warning() === undefined);
    expect(await client.get('/vmplants/plants/one-0123456789abcdef').exists()).toBe(true);
    expect(registry.history.every((names) => names.includes('one'))).toBe(true);
    expect(outages(registry.records)).toEqual([BEGINS, ENDS]);
  });
});

describe.concurrent('fault 33: the history that a watch would go on from is compacted', () => {
  it('is listed in full', async ({ expect, onTestFinished }) => {
    const cleanup = cleanupAfter(onTestFinished);
    const etcd = await etcdServer(cleanup);
    const relay = await startRelay(etcd.endpoint);
    cleanup.push(() => relay.stop());
    await registered([etcd.endpoint], 'stays', cleanup);
    const goes = await registered([etcd.endpoint], 'goes', cleanup);
    const registry = await watchedRegistry([relay.endpoint], cleanup);
    expect(registry.names()).toEqual(['goes', 'stays']);
    await relay.cut();
    await until('it warns', () => registry.warning() !== undefined);
    await goes.close();
    await registered([etcd.endpoint], 'comes', cleanup);
    const client = rawClient(etcd, cleanup);
    const { header } = await client.put('/elsewhere').value('');
    await client.kv.compact({ revision: header.revision, physical: true });
    await relay.mend();
    await until('the new one is found', () => registry.names().includes('comes'));
    await until('the old one is forgotten', () => !registry.names().includes('goes'));
    expect(registry.names()).toEqual(['comes', 'stays']);
    expect(registry.history.every((names) => names.includes('stays'))).toBe(true);
  });
});

describe.concurrent('what others write into etcd', () => {
  it('is not used where it is no entry, and named by its key', async ({ expect, onTestFinished }) => {
    const cleanup = cleanupAfter(onTestFinished);
    const etcd = await etcdServer(cleanup);
    const client = rawClient(etcd, cleanup);
    await client.put('/vmplants/plants/bad-0123456789abcdef').value('{"address": "secret"}');
    const registry = await watchedRegistry([etcd.endpoint], cleanup);
    await client
      .put('/vmplants/plants/good-0123456789abcdef')
      .value(JSON.stringify(plantEntry({ name: 'good' })));
    await client
      .put('/vmplants/plants/none-0123456789abcdef')
      .value(JSON.stringify(plantEntry({ address: 'no address' })));
    await until('the good one is found', () => registry.names().includes('good'));
    await until('both bad ones are named', () => registry.records.length === 2);
    expect(registry.records).toEqual([
      {
        level: 'warn',
        message: 'an entry in etcd is not used',
        fields: { key: '/vmplants/plants/bad-0123456789abcdef', problem: expect.any(String) },
      },
      expect.objectContaining({
        fields: { key: '/vmplants/plants/none-0123456789abcdef', problem: expect.any(String) },
      }),
    ]);
    expect(JSON.stringify(registry.records)).not.toContain('secret');
    await client.put('/vmplants/plants/good-0123456789abcdef').value('broken');
    await until('the broken one is gone', () => registry.names().length === 0);
  });

  it('does not unregister a plant for long: a removed key is written again', async ({
    expect,
    onTestFinished,
  }) => {
    const cleanup = cleanupAfter(onTestFinished);
    const etcd = await etcdServer(cleanup);
    const plant = await registered([etcd.endpoint], 'one', cleanup);
    const client = rawClient(etcd, cleanup);
    await client.delete().key('/vmplants/plants/one-0123456789abcdef');
    await until('it is there again', () => client.get('/vmplants/plants/one-0123456789abcdef').exists());
    await plant.close();
    expect(await client.get('/vmplants/plants/one-0123456789abcdef').exists()).toBe(false);
  });

  it('is not overwritten under the id of another process: that one is refused', async ({
    expect,
    onTestFinished,
  }) => {
    const cleanup = cleanupAfter(onTestFinished);
    const etcd = await etcdServer(cleanup);
    await registered([etcd.endpoint], 'one', cleanup, { instance: 'a'.repeat(32) });
    await expect(
      registered([etcd.endpoint], 'one', cleanup, { instance: 'b'.repeat(32) }),
    ).rejects.toMatchObject({ code: 'ALREADY_EXISTS', reason: 'PLANT_ID_TAKEN' });
    const entry = await rawClient(etcd, cleanup).get('/vmplants/plants/one-0123456789abcdef').json();
    expect(entry).toMatchObject({ instance: 'a'.repeat(32) });
  });
});
