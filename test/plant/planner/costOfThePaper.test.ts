import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Plant } from '../../../plant/plant.js';
import { createPlantHandlers } from '../../../plant/server.js';
import type { MachineRequest } from '../../../proto/gen/vmplants/v1/MachineRequest.js';
import { plantService, serve } from '../../../proto/serve.js';
import { all, openStage, type Stage } from '../../shop/testShop.js';
import { createRig } from '../produce/rig.js';

/** The plants of the paper's illustration. */
const LIMITS = { networks: 4, maxVms: 32 };

const ends: (() => Promise<void>)[] = [];
let stage: Stage;

beforeEach(() => {
  stage = openStage();
});
afterEach(async () => {
  await stage.clear();
  for (const end of ends.splice(0).reverse()) await end();
});

/** A plant with the cost models that it has unless it is told otherwise, on the fake line, served over gRPC. */
async function startPlant(): Promise<{ readonly plant: Plant; readonly address: string }> {
  const rig = await createRig({ limits: LIMITS });
  ends.push(rig.remove);
  const { plant } = await rig.open();
  ends.push(plant.close);
  const handlers = createPlantHandlers({ plant, logger: rig.log, version: '1.0.0' });
  const server = await serve({
    address: '127.0.0.1:0',
    services: [plantService(handlers)],
    logger: rig.log,
  });
  ends.push(() => server.stop(1_000));
  return { plant, address: server.address };
}

const requestOf = (clientDomain: string): MachineRequest => ({
  hardware: { memoryMib: 256 },
  operatingSystem: { name: 'fake' },
  clientDomain,
  network: 'host-only',
});

describe("the paper's illustration of its cost function (VMPlants paper, section 3.4), between real plants", () => {
  it.each([1, 2])(
    'keeps a client on one plant for 13 VMs and gives the 14th to the other, seed %i',
    async (seed) => {
      const plants = [await startPlant(), await startPlant()];
      const shop = await stage.shop(plants, { seed });
      const counts = (): readonly number[] => plants.map(({ plant }) => plant.list(undefined).length);
      const costs: (readonly number[])[] = [];
      const picks: number[] = [];
      for (let sequence = 1; sequence <= 14; sequence++) {
        const before = counts();
        const events = await all(shop.create({ machine: requestOf('ufl.example.org') }));
        const auction = events.find(({ event }) => event === 'auction')?.auction;
        costs.push((auction?.bids ?? []).map(({ cost }) => cost));
        picks.push(counts().findIndex((count, index) => count > (before[index] ?? 0)));
      }
      const [first] = picks;
      expect(picks.slice(0, 13)).toEqual(Array.from({ length: 13 }, () => first));
      expect(picks[13]).toBe(first === 0 ? 1 : 0);
      // "Initially ... both report a cost of 50", then "the plant A reports a cost of 4 ... the plant B ... 50".
      expect([costs[0], costs[1], costs[12], costs[13]]).toEqual([
        [50, 50],
        [4, 50],
        [48, 50],
        [50, 52],
      ]);
    },
  );

  it('turns to neither plant for a fifth client domain on both, whose networks are all taken', async () => {
    const plants = [await startPlant(), await startPlant()];
    const shop = await stage.shop(plants);
    const create = (domain: string) => all(shop.create({ machine: requestOf(domain) }));
    // A new domain costs 50 on both, and the load decides: they are spread.
    for (let domain = 1; domain <= 8; domain++) await create(`d${domain}.example.org`);
    expect(plants.map(({ plant }) => plant.list(undefined).length)).toEqual([4, 4]);
    await expect(create('d9.example.org')).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    // Who has a network there already is served on.
    await create('d1.example.org');
  });
});
