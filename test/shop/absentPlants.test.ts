import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { serve } from '../../proto/serve.js';
import { fixedList } from '../../registry/fixedList.js';
import type { AbsentPlant, Registry } from '../../registry/registry.js';
import { createBroker } from '../../shop/broker/broker.js';
import { brokerIdentity } from '../../shop/broker/brokerId.js';
import { parseMarkup } from '../../shop/broker/markup.js';
import { connectVmshop, type VmshopClient } from '../../shop/client.js';
import { seededRandom } from '../../shop/random.js';
import { createShop } from '../../shop/server.js';
import { recordingLogger } from '../proto/recordingLogger.js';
import { type ScriptedPlant, startPlant } from './scriptedPlant.js';
import { rejection } from './testShop.js';

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const request = { operatingSystem: { name: 'debian' }, actions: [] };
const logger = recordingLogger();
const common = { logger, now: () => performance.now(), random: seededRandom(1), randomBytes };

async function plant(name: string, cost: number): Promise<ScriptedPlant> {
  const started = await startPlant({ name, cost });
  ends.push(started.stop);
  return started;
}

/** A registry as etcd's: who loses the lease is absent, and may live on. */
function registryOf(plants: readonly ScriptedPlant[]) {
  const gone = new Set<ScriptedPlant>();
  let warning: string | undefined;
  const absent = (): readonly AbsentPlant[] =>
    [...gone].map(({ address, name }) => ({ address, name, remedy: `take out ${name}` }));
  const registry: Registry = {
    ...fixedList([]),
    plants: () => plants.filter((one) => !gone.has(one)),
    absent,
    warning: () => warning,
  };
  return {
    registry,
    lose: (lost: ScriptedPlant): void => void gone.add(lost),
    warn: (text: string): void => {
      warning = text;
    },
  };
}

async function shopOver(registry: Registry): Promise<VmshopClient> {
  const shop = createShop({ ...common, registry });
  const server = await serve({ address: '127.0.0.1:0', services: [shop.service], logger });
  const client = connectVmshop({ address: server.address });
  ends.push(async () => {
    client.close();
    await server.stop(0);
    await shop.close(0);
  });
  return client;
}

async function brokerOver(registry: Registry): Promise<string> {
  const self = brokerIdentity('broker', randomBytes);
  const broker = createBroker({ ...common, registry, self, markup: parseMarkup('0'), version: 'test' });
  const server = await serve({ address: '127.0.0.1:0', services: [broker.service], logger });
  ends.push(async () => {
    await server.stop(0);
    await broker.close(0);
  });
  return server.address;
}

describe.each([
  ['a shop', (registry: Registry) => shopOver(registry)],
  ['a broker', async (registry: Registry) => shopOver(fixedList([await brokerOver(registry)]))],
])('a plant that is not registered any more, of %s', (_, open) => {
  it('may have the VM: none is made a second time, and nothing is said not to be there', async () => {
    const [pa, pb] = [await plant('pa', 1), await plant('pb', 2)];
    const { registry, lose } = registryOf([pa, pb]);
    const shop = await open(registry);
    const { vmid } = await shop.create(request, { requestId: 'same' });
    expect([...pa.vms.keys()]).toEqual([vmid]);
    lose(pa);

    const unreachable = { code: 'UNAVAILABLE', reason: 'PLANT_UNREACHABLE' };
    for (const asked of [shop.create(request, { requestId: 'same' }), shop.query(vmid), shop.collect(vmid)]) {
      const error = await rejection(asked);
      expect(error).toMatchObject(unreachable);
      expect(error.message).toContain(`${pa.address}: pa is not registered now`);
    }
    expect(pb.vms.size).toBe(0);
    expect(pa.vms.size).toBe(1);
    expect(await shop.list()).toEqual({ vms: [], unreachable: [pa.address] });

    // Who asks for the first time needs no word of it.
    expect(await shop.create(request)).toMatchObject({ state: 'running', plant: 'pb' });
  });

  it('is uncertain where the registry is away', async () => {
    const pb = await plant('pb', 2);
    const { registry, warn } = registryOf([pb]);
    const shop = await open(registry);
    warn('etcd does not answer');
    const vmid = `vm-${'a'.repeat(26)}`;
    for (const asked of [shop.create(request, { requestId: 'same' }), shop.query(vmid), shop.collect(vmid)]) {
      const error = await rejection(asked);
      expect(error.code).toBe('UNAVAILABLE');
      expect(error.message).toContain('not every plant may be known: etcd does not answer');
    }
    expect(pb.vms.size).toBe(0);
    expect((await shop.list()).unreachable).toEqual(['that is not known: etcd does not answer']);
  });
});

describe('the plants of a shop', () => {
  it('have those that are absent among them, with what to do', async () => {
    const pa = await plant('pa', 1);
    const { registry, lose } = registryOf([pa]);
    lose(pa);
    const shop = await shopOver(registry);
    expect(await shop.plants()).toMatchObject([
      { name: 'pa', address: pa.address, error: expect.stringContaining('take out pa') },
    ]);
  });
});
