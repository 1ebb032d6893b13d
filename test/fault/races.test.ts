import { afterEach, describe, expect, it } from 'vitest';
import type { VmplantsError } from '../../model/errors.js';
import type { MachineRequest } from '../../proto/gen/vmplants/v1/MachineRequest.js';
import { contracts } from '../../proto/load.js';
import { openPlantClient } from '../../proto/plantClient.js';
import { placeOf, reserveAt } from '../../shop/reserve.js';
import { fakeOrder, newVmid } from '../plant/produce/rig.js';
import { all, createdVm, openStage, SOON } from '../shop/testShop.js';
import { NEVER, openPlants } from './fakePlant.js';

const plants = openPlants();
const stage = openStage();
afterEach(async () => {
  await stage.clear();
  await plants.clear();
});

const { List, Collect, Query } = contracts().shop;
const machine: MachineRequest = { hardware: { memoryMib: 64 }, operatingSystem: { name: 'fake' } };

const ended = (creation: Promise<{ readonly vmid: string }>) =>
  creation.then(
    ({ vmid }) => ({ vmid }),
    (error: unknown) => ({ error: error as VmplantsError }),
  );

describe('several shops over the same plants', () => {
  it('that race for a last place: one has it, the others bid again elsewhere, in at most three rounds', async () => {
    const cheap = await plants.start({ name: 'cheap', cost: 1, limits: { maxVms: 1 } });
    const dear = await plants.start({ name: 'dear', cost: 5, limits: { maxVms: 64 } });
    const shops = await Promise.all([1, 2, 3, 4].map((seed) => stage.shop([cheap, dear], { seed })));
    for (let race = 0; race < 9; race += 1) {
      const racing = shops.slice(0, 2 + (race % 3));
      const creations = await Promise.all(racing.map((shop) => all(shop.create({ machine }))));
      for (const events of creations) {
        expect(events.filter(({ auction }) => auction).length).toBeLessThanOrEqual(3);
      }
      const made = creations.map((events) => events.at(-1)?.vm?.vmid ?? '');
      const held = [cheap, dear].map((plant) => plant.plant().list(undefined));
      expect(held.map((vms) => vms.length)).toEqual([1, racing.length - 1]);
      expect(
        held
          .flat()
          .map(({ vmid }) => vmid)
          .sort(),
      ).toEqual(made.sort());
      for (const plant of [cheap, dear]) {
        for (const { vmid } of plant.plant().list(undefined)) await plant.plant().collect(vmid, NEVER);
        expect(plant.plant().describe().reserved).toBe(0);
      }
    }
  });

  it('that ask for the last place at the same moment: exactly one holds it, three hundred times', async () => {
    const plant = await plants.start({ name: 'plant', limits: { maxVms: 1 } });
    const clients = [1, 2, 3, 4].map(() => openPlantClient(plant));
    const order = fakeOrder();
    try {
      for (let race = 0; race < 300; race += 1) {
        const racing = clients
          .slice(0, 2 + (race % 3))
          .map((client) => ({ client, place: placeOf(newVmid(), order) }));
        const outcomes = await Promise.all(
          racing.map(({ client, place }) => reserveAt(client, place, 10_000, SOON)),
        );
        const held = racing.filter((_, index) => outcomes[index]?.kind === 'held');
        const refused = outcomes.flatMap((outcome) =>
          outcome.kind === 'refused' ? [outcome.error.code] : [],
        );
        expect([held.length, new Set(refused)]).toEqual([1, new Set(['RESOURCE_EXHAUSTED'])]);
        for (const { client, place } of held) await reserveAt(client, place, 0, SOON);
      }
    } finally {
      for (const client of clients) client.close();
    }
  });

  it('that race for too few places never take more than there are, and the rest are told that all is full', async () => {
    const places = [2, 3, 1];
    const all = await Promise.all(
      places.map((maxVms, index) => plants.start({ name: `p${index}`, limits: { maxVms } })),
    );
    const shops = await Promise.all([1, 2, 3].map((seed) => stage.shop(all, { seed })));
    for (let race = 0; race < 2; race += 1) {
      const outcomes = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          ended(createdVm((shops[index % 3] ?? expect.unreachable()).create({ machine }))),
        ),
      );
      const vmids = outcomes.flatMap((outcome) => ('vmid' in outcome ? [outcome.vmid] : []));
      const errors = outcomes.flatMap((outcome) => ('error' in outcome ? [outcome.error] : []));
      expect(errors.map(({ code }) => code)).toEqual(Array.from({ length: 6 }, () => 'RESOURCE_EXHAUSTED'));
      expect(all.map((plant) => plant.plant().list(undefined).length)).toEqual(places);
      // Each sees what all have made.
      for (const shop of shops) {
        const { vms } = await shop.channel.unary(List, {}, SOON);
        expect(vms.map(({ vmid }) => vmid).sort()).toEqual([...vmids].sort());
      }
      await Promise.all(
        vmids.map((vmid, index) =>
          (shops[(index + 1) % 3] ?? expect.unreachable()).channel.unary(Collect, { vmid }, SOON),
        ),
      );
    }
  });

  it('and one that was just started, from nothing, know every VM', async () => {
    const both = [await plants.start({ name: 'a' }), await plants.start({ name: 'b' })];
    const first = await stage.shop(both);
    const second = await stage.shop(both, { seed: 2 });
    const vms = [];
    for (const shop of [first, second, first, second]) vms.push(await createdVm(shop.create({ machine })));
    await first.stop();
    const restarted = await stage.shop(both);
    for (const { vmid } of vms) {
      expect((await restarted.channel.unary(Query, { vmid }, SOON)).state).toBe('VM_STATE_RUNNING');
      expect((await second.channel.unary(Query, { vmid }, SOON)).state).toBe('VM_STATE_RUNNING');
    }
    expect((await restarted.channel.unary(List, {}, SOON)).vms).toHaveLength(4);
  });
});
