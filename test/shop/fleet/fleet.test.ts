import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { VmplantsError } from '../../../model/errors.js';
import type { PlantStatus } from '../../../proto/gen/vmplants/v1/PlantStatus.js';
import { serverStream, unary } from '../../../proto/handler.js';
import { contracts } from '../../../proto/load.js';
import { fixedList } from '../../../registry/fixedList.js';
import { createFleet } from '../../../shop/fleet/fleet.js';
import { openPlantLinks } from '../../../shop/plantLinks.js';
import { createPlantNames } from '../../../shop/plantNames.js';
import { seededRandom } from '../../../shop/random.js';
import { order } from '../../plant/planner/build.js';
import { recordingLogger } from '../../proto/recordingLogger.js';
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

  it('says once that a status cannot be read, and takes one without a quote for one without room', async () => {
    const bad = { ...roomy('bad', 1), quote: { cost: Number.NaN, networkCost: 0 } };
    let change: (status: PlantStatus) => void = () => undefined;
    const changed = new Promise<PlantStatus>((resolve) => {
      change = resolve;
    });
    const long = Array.from({ length: 5000 }, (_none, index) => `line-${index}`);
    const plants = [
      await stage.plant({
        name: 'p0',
        handlers: says(
          { ...roomy('p0', 90), lines: long },
          bad,
          bad,
          { ...roomy('p0', 1), quote: null },
          changed,
        ),
      }),
      ...(await cluster([10, 20, 30])),
    ];
    const named = plants.map((plant, place) => ({ ...plant, name: `q${place}` }));
    const shop = await stage.shop(plants, { limits: SAMPLED });
    // One of which nothing is known would be asked with the first; without room it comes after all that have some.
    await auctionAsks(shop, named, ['q1', 'q2']);
    change(roomy('p0', 1));
    await auctionAsks(shop, named, ['q0', 'q1']);
    const warnings = shop.logger.records.filter(({ message }) => message.includes('could not be read'));
    expect(warnings).toHaveLength(1);
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

  it('goes on to others when those that bid have no place', async () => {
    const plants = await Promise.all(
      [1, 2, 3, 4, 5].map((cost) =>
        stage.plant({
          name: `p${cost}`,
          cost,
          capacity: cost < 4 ? 0 : 8,
          handlers: says(roomy(`p${cost}`, cost)),
        }),
      ),
    );
    const shop = await stage.shop(plants, { limits: SAMPLED });
    await auctionAsks(shop, plants, ['p1', 'p2']);
    const before = plants.map(({ calls }) => calls.length);
    expect((await createdVm(shop.create())).plant).toBe('p4');
    // Those that refused are not asked again while there is somebody else.
    expect(plants.slice(0, 2).map(({ calls }, place) => calls.slice(before[place]))).toEqual([
      ['Bid', 'Reserve'],
      ['Bid', 'Reserve'],
    ]);
  });

  it('takes no longer than one deadline, however many waves stall, and remembers who stalled', async () => {
    const stalls =
      (name: string): Handlers =>
      (logger) => ({
        ...says(roomy(name, 1))(logger),
        Bid: unary(async (_, { signal }) => {
          await once(signal, 'abort');
          throw signal.reason;
        }, logger),
      });
    const plants = [
      ...(await Promise.all(
        Array.from({ length: 8 }, (_, place) =>
          stage.plant({ name: `s${place}`, handlers: stalls(`s${place}`) }),
        ),
      )),
      await stage.plant({ name: 'last', cost: 1, handlers: says({ ...roomy('last', 1), freeVms: 0 }) }),
    ];
    const shop = await stage.shop(plants, { limits: { ...SAMPLED, bidMilliseconds: 2_000 } });
    const { bids, refusals } = await shop.channel.unary(contracts().shop.Bids, { machine }, SOON);
    expect(bids.map(({ plant }) => plant)).toEqual(['last']);
    const within = refusals.map(({ reason }) => Number(/^no bid within (.+) s$/.exec(reason)?.[1]));
    // Waves of 2 and then 4 plants; then no more than a quarter is left, and all others are asked together.
    expect([within.length, within.filter((seconds) => seconds === 1).length]).toEqual([8, 2]);
    const waves = new Set(within);
    expect(waves.size).toBe(3);
    expect([...waves].reduce((sum, seconds) => sum + seconds)).toBeLessThanOrEqual(2);
    // All of those are asked last now: the first wave brings the offer.
    const again = await shop.channel.unary(contracts().shop.Bids, { machine }, SOON);
    expect(again.bids).toHaveLength(1);
    expect(again.refusals.filter(({ reason }) => reason.startsWith('no bid within'))).toEqual([]);
  });
});

describe('a plant that was silent', () => {
  it('is asked last until it bids, whatever its status says, or until it has been away; and now and then', async () => {
    let change: (status: PlantStatus) => void = () => undefined;
    const changed = new Promise<PlantStatus>((resolve) => {
      change = resolve;
    });
    const [first, ...others] = [
      await stage.plant({ name: 'p0', handlers: says(roomy('p0', 1), changed) }),
      ...(await cluster([2, 3, 4])),
    ];
    if (first === undefined) return expect.unreachable();
    const registry = fixedList([first, ...others].map(({ address }) => address));
    const links = openPlantLinks(registry, undefined);
    const names = createPlantNames();
    const logger = recordingLogger();
    const fleet = createFleet({ links, registry, names, policy: SAMPLED, random: seededRandom(3), logger });
    try {
      const { address } = first;
      await until('its status came', () => names.of(address) === 'p0');
      fleet.noteSilence(address);
      change(roomy('renamed', 1));
      await until('its next status came', () => names.of(address) === 'renamed');
      expect(fleet.isSuspect(address)).toBe(true);

      const wanted = order({ actions: [] });
      const firsts = Array.from({ length: 100 }, () => {
        const waves = [...fleet.waves(links.all(), wanted)].map((wave) => wave.map((plant) => plant.address));
        expect(waves.flat().sort()).toEqual(
          links
            .all()
            .map((plant) => plant.address)
            .sort(),
        );
        return waves[0] ?? [];
      });
      const withIt = firsts.filter((wave) => wave.includes(address)).length;
      expect(withIt).toBeGreaterThan(0);
      expect(withIt).toBeLessThan(50);

      fleet.noteAnswer(address);
      expect(fleet.isSuspect(address)).toBe(false);
      fleet.noteSilence(address);
      await first.stop();
      await stage.plant({
        name: 'p0',
        port: Number(address.split(':')[1]),
        handlers: says(roomy('back', 1)),
      });
      await until('it is back', () => names.of(address) === 'back' && !fleet.isSuspect(address));
    } finally {
      fleet.close();
      links.close();
    }
  });
});
