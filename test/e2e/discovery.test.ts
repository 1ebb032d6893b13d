import { Etcd3 } from 'etcd3';
import { expect, it, onTestFinished } from 'vitest';
import { connectVmshop } from '../../shop/client.js';
import { openEtcd } from '../registry/etcd/etcdServer.js';
import { cleanupAfter, serving, startPlant } from '../registry/etcd/rig.js';
import { until } from '../registry/etcd/until.js';
import { startServer } from './server.js';

it('a shop that began before etcd finds the plants that register, and loses those that end or die', async () => {
  const cleanup = cleanupAfter(onTestFinished);
  const etcd = await openEtcd({ started: false });
  cleanup.push(() => etcd.stop());
  const server = await startServer(
    'vmshop',
    ['serve', '--listen', '127.0.0.1:0', '--etcd', etcd.endpoint],
    {},
  );
  cleanup.push(() => server.kill());
  const shop = connectVmshop({ address: server.address });
  cleanup.push(() => shop.close());
  const look = async () => {
    let warning: string | undefined;
    const onWarning = (text: string): void => {
      warning = text;
    };
    const plants = await shop.plants({ onWarning });
    return { plants: plants.map(({ name, address, error }) => ({ name, address, error })), warning };
  };
  expect(await look()).toEqual({ plants: [], warning: expect.stringContaining('no plants are known yet') });

  await etcd.start();
  const started = await Promise.all(
    ['ends', 'dies'].map((name) => startPlant(etcd.endpoint, ['--name', name], cleanup)),
  );
  const [ends, dies] = started;
  const plants = await Promise.all(
    started.map(async (plant) => ({
      name: plant === ends ? 'ends' : 'dies',
      address: await serving(plant),
      error: undefined,
    })),
  );
  await until('the shop knows both', async () => (await look()).plants.length === 2);
  const found = await look();
  expect(found.warning).toBeUndefined();
  expect(new Set(found.plants)).toEqual(new Set(plants));

  ends?.child.kill('SIGTERM');
  expect(await ends?.ended).toBe(0);
  await until('the shop knows one', async () => (await look()).plants.length === 1);
  dies?.child.kill('SIGKILL');
  // It may have VMs: only a person can say that it will never be back.
  const remedy = /not registered now.*: etcdctl del (\S+)$/;
  await until('the shop misses it', async () => remedy.test((await look()).plants[0]?.error ?? ''));
  const [missing] = (await look()).plants;
  expect(missing).toMatchObject({ name: 'dies', address: plants[1]?.address });
  expect((await shop.list()).unreachable).toEqual([missing?.address]);
  const client = new Etcd3({ hosts: etcd.endpoint });
  cleanup.push(() => client.close());
  await client.delete().key(remedy.exec(missing?.error ?? '')?.[1] ?? '');
  await until('the shop knows none', async () => (await look()).plants.length === 0);
  expect(await server.stop()).toEqual([]);
});
