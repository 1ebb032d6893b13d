import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Vm } from '../../model/vm.js';
import { type Cluster, startCluster } from './cluster.js';
import { failureOf } from './failure.js';
import { microRequest } from './requests.js';

// Faults 13, 14: the control plane dies; the VMs do not notice.

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ plants: ['north', 'south'] });
});
afterAll(() => cluster.close());

const PATIENCE = { timeout: 30_000 };

/** A network of a domain's own costs more than a neighbour: another domain goes to the emptier plant. */
const requestOf = (clientDomain: string): object =>
  microRequest([{ name: 'work', script: 'echo kept >/dev/shm/kept\n' }], { clientDomain });
const request = requestOf('one.example.org');

/** VMIDs that the shop shows as running, with their plants. */
async function running(): Promise<ReadonlyMap<string, string>> {
  const { vms } = await cluster.shop().list();
  return new Map(
    vms.flatMap(({ vmid, state, plant }) => (state === 'running' ? [[vmid, plant] as const] : [])),
  );
}

it('VMs outlive a plant that is killed; it adopts them, and a shop that starts from nothing finds them', async () => {
  const [north, south] = cluster.plants;
  if (north === undefined || south === undefined) throw new Error('expected two plants');
  const created: Vm[] = [];
  for (const domain of ['one.example.org', 'two.example.org', 'one.example.org']) {
    created.push(await cluster.shop().create(requestOf(domain)));
  }
  const before = await running();
  expect([...before.keys()].sort()).toEqual(created.map(({ vmid }) => vmid).sort());
  expect(new Set(before.values())).toEqual(new Set(['north', 'south']));
  const bootIds = new Map(created.map(({ vmid, classad }) => [vmid, classad.BootId]));
  const monitors = await north.monitors();
  const [victim = ''] = [...before].flatMap(([vmid, plant]) => (plant === 'north' ? [vmid] : []));

  await north.kill();
  expect(await north.monitors()).toEqual(monitors);
  expect((await failureOf(cluster.shop().query(victim))).code).toBe('UNAVAILABLE');
  expect((await cluster.shop().list()).unreachable).toHaveLength(1);

  await north.startAgain();
  expect(await north.monitors()).toEqual(monitors);
  await expect.poll(running, PATIENCE).toEqual(before);
  await cluster.replaceShop();
  expect(await running()).toEqual(before);
  const states = await Promise.all(
    [...before.keys()].map((vmid) =>
      cluster.inGuest(vmid, 'cat /dev/shm/kept /proc/sys/kernel/random/boot_id'),
    ),
  );
  expect(states).toEqual([...before.keys()].map((vmid) => `kept\n${String(bootIds.get(vmid))}\n`));
  expect([await north.audit(), await south.audit()]).toEqual([[], []]);
  // The plant goes on producing with what it has found.
  const another = await cluster.shop().create(request);
  for (const vmid of [...before.keys(), another.vmid]) await cluster.shop().collect(vmid);
  expect(await running()).toEqual(new Map());
  expect([await north.monitors(), await south.monitors()]).toEqual([[], []]);
});

it('a second plant on the same data directory refuses to start, and the first goes on', async () => {
  const [north] = cluster.plants;
  const { vmid } = await cluster.shop().create(request);
  const second = await cluster.vmplant(['serve', '--listen', '127.0.0.1:0', '--data', north?.data ?? '']);
  expect(second.exitCode).toBe(1);
  expect(second.stderr).toContain('belongs to another running plant');
  expect(await cluster.inGuest(vmid, 'cat /dev/shm/kept')).toBe('kept\n');
  await cluster.shop().collect(vmid);
});
