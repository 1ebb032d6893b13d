import { createHook } from 'node:async_hooks';
import { setMaxListeners } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GoldenImage } from '../../model/goldenImage.js';
import { domainMark, keyMark, MOST_KEYS } from '../../model/plantStatus.js';
import { parseCostConfiguration } from '../../plant/planner/costConfiguration.js';
import type { PlantSnapshot } from '../../plant/planner/snapshot.js';
import type { Plant } from '../../plant/plant.js';
import { createPlantHandlers } from '../../plant/server.js';
import { imageProfile, plantStatus, quote } from '../../plant/status.js';
import { followStatus } from '../../plant/statusStream.js';
import { orderToMachineRequest } from '../../proto/mapping/machineRequest.js';
import { openPlantClient, type PlantClient } from '../../proto/plantClient.js';
import { plantService, type RunningServer, serve } from '../../proto/serve.js';
import { createRig, fakeOrder, newVmid, type Rig } from './produce/rig.js';

const EMPTY: PlantSnapshot = {
  vms: 0,
  maxVms: 8,
  usedMemoryMiB: 0,
  totalMemoryMiB: 4096,
  networks: { total: 4, byDomain: new Map() },
  prepared: { count: 0, memoryMiB: 0 },
};

const names = ['compute', 'network', 'free-memory', 'residual-work', 'start'];
const models = fc
  .subarray(names, { minLength: 1 })
  .map((chosen) => parseCostConfiguration(chosen.map((name) => ({ name, weight: 10 }))));

describe('the quote of a plant', () => {
  it('is what the cost models make of its load, the network apart', () => {
    const loaded = { ...EMPTY, vms: 3 };
    const paper = parseCostConfiguration(undefined);
    expect(quote(loaded, paper)).toEqual({ cost: 12, networkCost: 50 });
    expect(quote(loaded, parseCostConfiguration([{ name: 'residual-work', weight: 7 }]))).toEqual({
      cost: 0,
      networkCost: 0,
    });
  });

  it('is a price, whatever the plant is like', () => {
    fc.assert(
      fc.property(models, fc.nat(40), fc.nat(9000), fc.nat(4096), (chosen, vms, used, total) => {
        const { cost, networkCost } = quote(
          { ...EMPTY, vms, usedMemoryMiB: used, totalMemoryMiB: total },
          chosen,
        );
        for (const price of [cost, networkCost]) {
          expect(Number.isFinite(price)).toBe(true);
          expect(price).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});

it('a status tells what is free, never less than nothing, and domains by their marks', () => {
  const status = plantStatus({
    name: 'plant-1',
    snapshot: {
      ...EMPTY,
      vms: 9,
      usedMemoryMiB: 1024,
      networks: { total: 2, byDomain: new Map([['a.org', 1]]) },
    },
    models: parseCostConfiguration(undefined),
    images: { operatingSystems: [], keys: [] },
    lines: ['qemu', 'uml', 'qemu'],
  });
  expect(status).toMatchObject({
    freeVms: 0,
    freeMemoryMiB: 3072,
    freeNetworks: 1,
    domains: [domainMark('a.org')],
    lines: ['qemu', 'uml'],
  });
});

describe('the profile of golden images', () => {
  const image = (created: string, keys: readonly string[], version = '12'): GoldenImage =>
    ({
      created,
      operatingSystem: { name: 'debian', version },
      performed: keys.map((key) => ({ key, name: key, seconds: 1, performedAt: created })),
    }) as unknown as GoldenImage;

  it('has every operating system and every key once', () => {
    const keys = ['a', 'b', 'c'].map((digit) => digit.repeat(64));
    const [a = '', b = '', c = ''] = keys;
    const profile = imageProfile([
      image('2026-01-01T00:00:00Z', [a, b]),
      image('2026-01-02T00:00:00Z', [a, c], '11'),
    ]);
    expect(profile.operatingSystems).toEqual(['debian 11', 'debian 12']);
    expect([...profile.keys].sort()).toEqual(keys.map(keyMark).sort());
  });

  it('keeps the keys of the newest images where there are too many', () => {
    const key = (number: number): string => number.toString(16).padStart(12, '0').padEnd(64, '0');
    const old = image(
      '2026-01-01T00:00:00Z',
      Array.from({ length: MOST_KEYS }, (_, number) => key(number + 10)),
    );
    const { keys } = imageProfile([old, image('2026-01-02T00:00:00Z', [key(1), key(2)])]);
    expect(keys).toHaveLength(MOST_KEYS);
    expect(keys.slice(0, 2)).toEqual([keyMark(key(1)), keyMark(key(2))]);
  });
});

it('a thousand status streams at rest have no timers', async () => {
  const images = { operatingSystems: [], keys: [] };
  const end = new AbortController();
  setMaxListeners(0, end.signal);
  const streams = Array.from({ length: 1000 }, () =>
    followStatus(
      {
        now: () => plantStatus({ name: 'p', snapshot: EMPTY, models: [], images, lines: [] }),
        passing: () => false,
        onChange: () => () => undefined,
      },
      end.signal,
    ),
  );
  for (const stream of streams) await stream.next();
  let timers = 0;
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'Timeout') timers += 1;
    },
  }).enable();
  const waiting = streams.map((stream) => stream.next());
  // Every stream has gone as far as it goes without a change.
  await new Promise(setImmediate);
  hook.disable();
  // The test's own framework may have set one meanwhile.
  expect(timers).toBeLessThan(10);
  end.abort();
  for (const { done } of await Promise.all(waiting)) expect(done).toBe(true);
});

describe('a plant that is followed', () => {
  let rig: Rig;
  let plant: Plant;
  let server: RunningServer;
  let client: PlantClient;
  const DEADLINE = { timeoutMilliseconds: 20_000 };

  beforeEach(async () => {
    rig = await createRig();
    plant = (await rig.open()).plant;
    const handlers = createPlantHandlers({ plant, logger: rig.log, version: '1' });
    server = await serve({ address: '127.0.0.1:0', services: [plantService(handlers)], logger: rig.log });
    client = openPlantClient({ address: server.address });
  });
  afterEach(async () => {
    client.close();
    await server.stop(1_000);
    await plant.close();
    await rig.remove();
  });

  it('says its status at once, and again when a VM or a held place changes it', async () => {
    const statuses = client.status({}, DEADLINE);
    const next = async () => (await statuses.next()).value ?? expect.unreachable('the stream ended');
    const first = await next();
    expect(first).toMatchObject({ name: 'plant-1', broker: false, lines: ['fake'] });
    expect(first.quote).toEqual({ cost: 0, networkCost: 50 });
    expect(first.images?.operatingSystems).toEqual(['fake 1']);
    const order = fakeOrder();
    const vmid = newVmid();
    await client.reserve(
      {
        vmid,
        orderDigest: order.digest,
        memoryMib: order.hardware.memoryMiB,
        network: 'host-only',
        clientDomain: order.clientDomain,
        holdMilliseconds: 20_000,
      },
      DEADLINE,
    );
    const reserved = await next();
    expect(reserved).toMatchObject({
      freeVms: first.freeVms - 1,
      freeNetworks: first.freeNetworks - 1,
      domains: [domainMark(order.clientDomain)],
      quote: { cost: 4, networkCost: 50 },
      images: null,
    });
    const machine = orderToMachineRequest(order);
    for await (const _event of client.produce({ vmid, machine, orderDigest: order.digest }, DEADLINE));
    await client.collect({ vmid }, DEADLINE);
    let last = reserved;
    while (last.freeVms < first.freeVms) last = await next();
    expect(last).toMatchObject({ domains: [], quote: { cost: 0 } });
    await statuses.return();
  });

  it('quotes in its description what its status says', async () => {
    expect((await client.describe({}, DEADLINE)).quote).toEqual({ cost: 0, networkCost: 50 });
  });

  it('stops when its follower goes away', async () => {
    const end = new AbortController();
    const stream = plant.status(end.signal);
    await stream.next();
    const waiting = stream.next();
    end.abort();
    expect((await waiting).done).toBe(true);
  });
});
