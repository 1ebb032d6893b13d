import { Etcd3 } from 'etcd3';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { registerInEtcd } from '../../../registry/etcd/etcdRegistration.js';
import { plantEntry } from './entry.js';
import { CLOCK, type EtcdServer, openEtcd } from './etcdServer.js';
import { cleanupAfter, plantIdOf, registered, serving, startPlant, watchedRegistry } from './rig.js';
import { until } from './until.js';

let etcd: EtcdServer;
beforeAll(async () => {
  etcd = await openEtcd();
});
afterAll(() => etcd.stop());

function rawClient(): Etcd3 {
  const client = new Etcd3({ hosts: etcd.endpoint });
  onTestFinished(() => client.close());
  return client;
}

describe('a plant that was registered', () => {
  it('and is not any more is absent, until it is back, leaves, or a person takes it out', async () => {
    const cleanup = cleanupAfter(onTestFinished);
    const prefix = '/roster/';
    const registry = await watchedRegistry([etcd.endpoint], cleanup, prefix);
    const id = 'one-0123456789abcdef';
    const absent = { address: 'one:1', name: 'one', remedy: `etcdctl del /roster/roster/${id}` };
    const first = await registered([etcd.endpoint], 'one', cleanup, { id, prefix });
    await until('it is found', () => registry.names().includes('one'));
    expect(registry.absent()).toEqual([]);
    await first.close();
    await until('it is gone', () => registry.names().length === 0);
    expect(registry.absent()).toEqual([absent]);

    // Who begins to look only now knows it, too.
    expect((await watchedRegistry([etcd.endpoint], cleanup, prefix)).absent()).toEqual([absent]);

    const instance = 'b'.repeat(32);
    const again = await registered([etcd.endpoint], 'one', cleanup, { id, prefix, instance });
    await until('it is back', () => registry.absent().length === 0);
    expect(registry.names()).toEqual(['one']);
    // The process before it takes nothing out that is another's now.
    await first.leave();
    await again.close();
    await until('it is absent again', () => registry.absent().length === 1);
    await again.leave();
    await until('it has left', () => registry.absent().length === 0);

    const dead = await registered([etcd.endpoint], 'two', cleanup, { prefix });
    await dead.close();
    await until('the other is absent', () => registry.absent().length === 1);
    await rawClient().delete().key('/roster/roster/two-0123456789abcdef');
    await until('it was taken out', () => registry.absent().length === 0);
    expect(registry.names()).toEqual([]);
  });

  it('writes itself into the roster again when it was taken out alive', async () => {
    const cleanup = cleanupAfter(onTestFinished);
    const client = rawClient();
    const key = '/written/roster/alive-0123456789abcdef';
    await registered([etcd.endpoint], 'alive', cleanup, { prefix: '/written/' });
    expect(JSON.parse((await client.get(key).string()) ?? '')).toEqual({ name: 'alive', address: 'alive:1' });
    await client.delete().key(key);
    await until('it is there again', async () => (await client.get(key).string()) !== null);
  });

  it('is not made up by what is no entry of the roster', async () => {
    const cleanup = cleanupAfter(onTestFinished);
    const client = rawClient();
    await client.put('/odd/roster/no-json').value('{');
    await client.put('/odd/roster/no-address').value(JSON.stringify({ name: 'a', address: 'no address' }));
    await client.put('/odd/roster/a/b').value(JSON.stringify({ name: 'a', address: 'a:1' }));
    await client.put('/odd/elsewhere').value('x');
    const registry = await watchedRegistry([etcd.endpoint], cleanup, '/odd/');
    expect(registry.absent()).toEqual([]);
    expect(registry.records.filter(({ level }) => level === 'warn')).toHaveLength(3);
    await client.put('/odd/roster/a').value(JSON.stringify({ name: 'a', address: 'a:1' }));
    await until('it is absent', () => registry.absent().length === 1);
    await client.put('/odd/roster/a').value('{');
    await until('it is unreadable', () => registry.absent().length === 0);
  });

  it('leaves the roster when its process stops without VMs, and not when it dies', async () => {
    const cleanup = cleanupAfter(onTestFinished);
    const prefix = '/process/';
    const registry = await watchedRegistry([etcd.endpoint], cleanup, prefix);
    const flags = ['--lease', '4s', '--etcd-prefix', prefix, '--name'];
    const stops = await startPlant(etcd.endpoint, [...flags, 'stops'], cleanup);
    const dies = await startPlant(etcd.endpoint, [...flags, 'dies'], cleanup);
    await serving(stops);
    const address = await serving(dies);
    await until('both are found', () => registry.names().length === 2);
    stops.child.kill('SIGTERM');
    expect(await stops.ended).toBe(0);
    dies.child.kill('SIGKILL');
    await until('both are gone', () => registry.names().length === 0);
    const remedy = `etcdctl del /process/roster/${await plantIdOf(dies)}`;
    await until('one has left', () => registry.absent().length === 1);
    expect(registry.absent()).toEqual([{ address, name: 'dies', remedy }]);
  }, 90_000);
});

describe("another's entry under the id of a plant", () => {
  it('is waited for with a word, and for a minute at most whatever it says of its lease', async () => {
    const entry = plantEntry({ leaseSeconds: 86_400, instance: 'e'.repeat(32) });
    await rawClient().put('/long/plants/long-0123456789abcdef').value(JSON.stringify(entry));
    let later = 0;
    const said: string[] = [];
    const note = (_fields: object, message: string): void => void said.push(message);
    const registering = registerInEtcd({
      endpoints: [etcd.endpoint],
      prefix: '/long/',
      id: 'long-0123456789abcdef',
      entry: plantEntry({ leaseSeconds: 4 }),
      logger: { info: note, warn: note, error: note },
      clock: { ...CLOCK, monotonic: () => performance.now() + later },
      signal: new AbortController().signal,
    });
    const refused = expect(registering).rejects.toMatchObject({ reason: 'PLANT_ID_TAKEN' });
    await until('it says so', () => said.length > 0);
    expect(said).toEqual(['etcd has an entry of another process: waiting until it is gone']);
    later = 61_000;
    await refused;
  });
});
