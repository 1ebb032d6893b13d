import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { VmplantsError } from '../../../model/errors.js';
import type { PlantStatus } from '../../../proto/gen/vmplants/v1/PlantStatus.js';
import { serverStream, unary } from '../../../proto/handler.js';
import { contracts } from '../../../proto/load.js';
import { until } from '../../registry/etcd/until.js';
import type { PlantScript, ScriptedPlant } from '../scriptedPlant.js';
import { all, createdVm, machine, openStage, rejection, SOON, type TestShop } from '../testShop.js';

const stage = openStage();
afterEach(stage.clear);

type Handlers = NonNullable<PlantScript['handlers']>;

const SAMPLED = { askAll: 2, sample: 2 };

const roomy = (name: string, cost: number): PlantStatus => ({
  name,
  quote: { cost, networkCost: 0 },
  freeVms: 3,
  freeMemoryMib: 8192,
  freeNetworks: 1,
  images: { operatingSystems: ['debian 12'], keys: [] },
  lines: ['fake'],
});

/** Says this status, and then the next ones when they are resolved; stays open. */
const says =
  (...statuses: readonly (PlantStatus | Promise<PlantStatus>)[]): Handlers =>
  (logger) => ({
    Status: serverStream(async function* (_, { signal }) {
      for (const status of statuses) yield await status;
      if (!signal.aborted) await once(signal, 'abort');
    }, logger),
  });

async function cluster(
  costs: readonly number[],
  of: (name: string, cost: number) => PlantStatus = roomy,
): Promise<readonly ScriptedPlant[]> {
  return Promise.all(
    costs.map((cost, place) =>
      stage.plant({ name: `p${place}`, cost, handlers: says(of(`p${place}`, cost)) }),
    ),
  );
}

const asked = (plants: readonly ScriptedPlant[]): readonly string[] =>
  plants.filter(({ calls }) => calls.includes('Bid')).map(({ name }) => name);

/** Creates until only these have been asked in one auction: the statuses come when they come. */
async function auctionAsks(
  shop: TestShop,
  plants: readonly ScriptedPlant[],
  names: readonly string[],
): Promise<void> {
  await until(`an auction asks ${names.join(' and ')}`, async () => {
    const before = plants.map(({ calls }) => calls.filter((call) => call === 'Bid').length);
    await shop.channel.unary(contracts().shop.Bids, { machine }, SOON);
    const now = plants.filter(
      ({ calls }, place) => calls.filter((call) => call === 'Bid').length > (before[place] ?? 0),
    );
    return JSON.stringify(now.map(({ name }) => name)) === JSON.stringify(names);
  });
}

describe('an auction of many plants', () => {
  it('asks those that should offer most, and no others', async () => {
    const plants = await cluster([40, 8, 30, 4, 20, 60]);
    const shop = await stage.shop(plants, { limits: SAMPLED });
    await auctionAsks(shop, plants, ['p1', 'p3']);
    const events = await all(shop.create());
    expect(events.find((event) => event.auction)?.auction?.bids.map(({ plant }) => plant)).toEqual([
      'p3',
      'p1',
    ]);
    expect(events.at(-1)?.vm?.plant).toBe('p3');
  });

  it('says in a dry run how many were asked', async () => {
    const plants = await cluster([1, 2, 3, 4, 5]);
    const shop = await stage.shop(plants, { limits: SAMPLED });
    const { bids, refusals } = await shop.channel.unary(contracts().shop.Bids, { machine }, SOON);
    expect(bids).toHaveLength(2);
    expect(refusals).toEqual([
      expect.objectContaining({ plant: '3 more', reason: expect.stringContaining('of 5 plants the 2') }),
    ]);
  });

  it('asks every plant before it says that none bids, each once', async () => {
    const full = new VmplantsError('RESOURCE_EXHAUSTED', 'no place is left', { reason: 'NO_VM_SLOT' });
    const plants = await Promise.all(
      Array.from({ length: 9 }, (_, place) =>
        stage.plant({
          name: `p${place}`,
          handlers: (logger) => ({
            ...says(roomy(`p${place}`, place))(logger),
            Bid: unary(() => Promise.reject(full), logger),
          }),
        }),
      ),
    );
    const shop = await stage.shop(plants, { limits: SAMPLED });
    const error = await rejection(all(shop.create()));
    expect([error.code, error.reason]).toEqual(['RESOURCE_EXHAUSTED', 'PLANTS_FULL']);
    for (const { calls } of plants) expect(calls.filter((call) => call === 'Bid')).toEqual(['Bid']);
  });

  it('goes on to a plant of which it heard that it is full, when the others refuse', async () => {
    const refuses: Handlers = (logger) => ({
      ...says(roomy('refuses', 1))(logger),
      Bid: unary(() => Promise.reject(new VmplantsError('RESOURCE_EXHAUSTED', 'full')), logger),
    });
    const plants = [
      await stage.plant({ name: 'a', handlers: refuses }),
      await stage.plant({ name: 'b', handlers: refuses }),
      await stage.plant({ name: 'c', handlers: says({ ...roomy('c', 1), freeVms: 0 }) }),
    ];
    const shop = await stage.shop(plants, { limits: SAMPLED });
    expect((await createdVm(shop.create())).plant).toBe('c');
  });

  it('follows what plants say of themselves', async () => {
    let change: (status: PlantStatus) => void = () => undefined;
    const changed = new Promise<PlantStatus>((resolve) => {
      change = resolve;
    });
    const plants = [
      await stage.plant({ name: 'p0', handlers: says(roomy('p0', 90), changed) }),
      ...(await cluster([10, 20, 30])),
    ];
    const named = plants.map((plant, place) => ({ ...plant, name: `q${place}` }));
    const shop = await stage.shop(plants, { limits: SAMPLED });
    await auctionAsks(shop, named, ['q1', 'q2']);
    change({ ...roomy('p0', 1), images: null });
    await auctionAsks(shop, named, ['q0', 'q1']);
  });

  it('asks a plant last whose status stream is down, and again when it is back', async () => {
    const plants = await cluster([1, 2, 3, 4]);
    const [first, ...others] = plants;
    if (first === undefined) return expect.unreachable();
    const shop = await stage.shop(plants, { limits: SAMPLED });
    await auctionAsks(shop, plants, ['p0', 'p1']);
    await first.stop();
    await auctionAsks(shop, others, ['p1', 'p2']);
    const back = await stage.plant({
      name: 'p0',
      port: Number(first.address.split(':')[1]),
      handlers: says(roomy('p0', 1)),
    });
    await auctionAsks(shop, [back, ...others], ['p0', 'p1']);
  });

  it('asks plants that say no status like any other', async () => {
    const plants = await Promise.all([1, 2, 3, 4].map((cost) => stage.plant({ name: `p${cost}`, cost })));
    const shop = await stage.shop(plants, { limits: SAMPLED });
    await until('all have been asked', async () => {
      await createdVm(shop.create());
      return asked(plants).length === 4;
    });
  });

  it('opens no streams where all are asked anyway', async () => {
    const plants = await cluster([1, 2]);
    const shop = await stage.shop(plants, { limits: SAMPLED });
    await createdVm(shop.create());
    expect(plants.flatMap(({ calls }) => calls)).not.toContain('Status');
  });
});
