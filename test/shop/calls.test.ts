import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { unary } from '../../proto/handler.js';
import { contracts } from '../../proto/load.js';
import { openPlantClient } from '../../proto/plantClient.js';
import type { PlantScript } from './scriptedPlant.js';
import { all, createdVm, machine, openStage, rejection, SOON, type TestShop } from './testShop.js';

const stage = openStage();
afterEach(stage.clear);

const { Collect, Console, Exec, Images, List, Plants, Query } = contracts().shop;
const nowhere = `vm-${'a'.repeat(26)}`;

const query = (shop: TestShop, vmid: string) => shop.channel.unary(Query, { vmid }, SOON);

describe('a query', () => {
  it('finds the VM wherever it is, also on a shop that never saw it', async () => {
    const plants = [await stage.plant({ name: 'a', cost: 5 }), await stage.plant({ name: 'b', cost: 1 })];
    const vm = await createdVm((await stage.shop(plants)).create());
    const other = await stage.shop(plants);
    expect(await query(other, vm.vmid)).toEqual(vm);
    // From the second time on only the plant that has it is asked.
    const before = plants.map((plant) => plant.calls.length);
    await query(other, vm.vmid);
    expect(plants.map((plant, index) => plant.calls.length - (before[index] ?? 0))).toEqual([0, 1]);
  });

  it('is NOT_FOUND when every plant says so', async () => {
    const shop = await stage.shop([await stage.plant({ name: 'a' }), await stage.plant({ name: 'b' })]);
    expect(await rejection(query(shop, nowhere))).toMatchObject({ code: 'NOT_FOUND', reason: 'NO_SUCH_VM' });
  });

  it('is UNAVAILABLE when a plant that may have it does not answer', async () => {
    const up = await stage.plant({ name: 'up' });
    const down = await stage.plant({ name: 'down' });
    await down.stop();
    const shop = await stage.shop([up, down]);
    const error = await rejection(query(shop, nowhere));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', reason: 'PLANT_UNREACHABLE' });
    expect(error.message).toContain(down.address);
    expect(error.message).not.toContain(up.address);
  });

  it('finds a VM that is no longer where the shop saw it', async () => {
    const a = await stage.plant({ name: 'a', cost: 1 });
    const first = await stage.shop([a]);
    const vm = await createdVm(first.create());
    const b = await stage.plant({ name: 'b', vms: a.vms });
    const shop = await stage.shop([a, b]);
    await query(shop, vm.vmid);
    const holder = openPlantClient({ address: a.address });
    await holder.collect({ vmid: vm.vmid }, SOON).finally(() => holder.close());
    // Gone from one of the two, it is still on the other.
    expect((await query(shop, vm.vmid)).vmid).toBe(vm.vmid);
  });
});

describe('a list', () => {
  it('has the VMs of all plants, oldest first, and names the plants that are missing', async () => {
    const plants = await Promise.all(['a', 'b', 'c'].map((name) => stage.plant({ name })));
    const shop = await stage.shop(plants);
    for (let count = 0; count < 6; count++) await createdVm(shop.create());
    await createdVm(shop.create({ machine: { ...machine, clientDomain: 'lab.example' } }));
    const { vms, unreachable } = await shop.channel.unary(List, {}, SOON);
    const ages = vms.map((vm) => Number(vm.createdAt));
    expect(ages).toEqual([...ages].sort((x, y) => x - y));
    expect([vms.length, unreachable]).toEqual([7, []]);
    const lab = await shop.channel.unary(List, { clientDomain: 'lab.example' }, SOON);
    expect(lab.vms.map((vm) => vm.clientDomain)).toEqual(['lab.example']);
    await plants[2]?.stop();
    const rest = await shop.channel.unary(List, {}, SOON);
    expect(rest.unreachable).toEqual([plants[2]?.address]);
    expect(rest.vms).toHaveLength(7 - (plants[2]?.vms.size ?? 0));
  });
});

describe('collecting', () => {
  it('ends the VM on its plant, and then there is none', async () => {
    const plant = await stage.plant({ name: 'a' });
    const shop = await stage.shop([plant]);
    const { vmid } = await createdVm(shop.create());
    expect(await shop.channel.unary(Collect, { vmid }, SOON)).toEqual({ vmid, collected: true });
    expect(plant.vms.size).toBe(0);
    const again = await rejection(shop.channel.unary(Collect, { vmid }, SOON));
    expect(again.code).toBe('NOT_FOUND');
  });
});

describe('what the shop knows of its plants', () => {
  it('is their load, or why they do not answer', async () => {
    const up = await stage.plant({ name: 'up', capacity: 5 });
    const down = await stage.plant({ name: 'down' });
    await down.stop();
    const shop = await stage.shop([up, down]);
    const { plants } = await shop.channel.unary(Plants, {}, SOON);
    expect(plants.map(({ name, address, maxVms }) => [name, address, maxVms])).toEqual([
      ['up', up.address, 5],
      ['', down.address, 0],
    ]);
    expect(plants.map(({ error }) => error)).toEqual(['', expect.stringMatching(/^UNAVAILABLE: /)]);
    const { images, unreachable } = await shop.channel.unary(Images, {}, SOON);
    expect(images.map(({ plant, name }) => [plant, name])).toEqual([['up', 'up-image']]);
    expect(unreachable).toEqual([down.address]);
  });

  it('does not wait for a plant that stalls longer than it must', async () => {
    const stalls: PlantScript['handlers'] = (logger) => ({
      Describe: unary(async (_, { signal }) => {
        await once(signal, 'abort');
        throw signal.reason;
      }, logger),
    });
    const stalled = await stage.plant({ name: 'stalled', handlers: stalls });
    const shop = await stage.shop([stalled], { limits: { askMilliseconds: 100 } });
    const { plants } = await shop.channel.unary(Plants, {}, SOON);
    expect(plants.map(({ error }) => error)).toEqual([expect.stringMatching(/^DEADLINE_EXCEEDED/)]);
  });
});

describe('a command in a VM', () => {
  it('is run by its plant', async () => {
    const plants = [await stage.plant({ name: 'a', cost: 5 }), await stage.plant({ name: 'b', cost: 1 })];
    const shop = await stage.shop(plants);
    const { vmid } = await createdVm(shop.create());
    const events = await all(shop.channel.serverStream(Exec, { vmid, script: 'uname' }, SOON));
    expect(events.map((event) => event.output?.toString() ?? event.ended)).toEqual([
      'b ran uname',
      { status: 3, truncated: false },
    ]);
  });

  it.each([
    ['no script', { script: '' }, 'script'],
    ['a long one', { script: 'x'.repeat(8193) }, 'script'],
    ['NUL', { script: 'a\0b' }, 'script'],
    ['a day', { script: 'x', timeoutSeconds: 86_400 }, 'timeout_seconds'],
  ])('with %s is refused', async (_, request, field) => {
    const plant = await stage.plant({ name: 'a' });
    const shop = await stage.shop([plant]);
    const error = await rejection(all(shop.channel.serverStream(Exec, { vmid: nowhere, ...request }, SOON)));
    expect(error.violations.map((violation) => violation.field)).toEqual([field]);
    expect(plant.calls).toEqual([]);
  });
});

describe('a console', () => {
  async function* typed(
    ...messages: { vmid?: string; data?: Buffer }[]
  ): AsyncGenerator<{ vmid?: string; data?: Buffer }> {
    yield* messages;
  }

  it('goes both ways through the shop', async () => {
    const shop = await stage.shop([await stage.plant({ name: 'a' })]);
    const { vmid } = await createdVm(shop.create());
    const answers = await all(
      shop.channel.bidi(Console, typed({ vmid, data: Buffer.from('l') }, { data: Buffer.from('s') }), SOON),
    );
    expect(answers.map((answer) => answer.data.toString())).toEqual(['a> l', 'a> s']);
  });

  it('of no VM, or one that there is not, is refused', async () => {
    const shop = await stage.shop([await stage.plant({ name: 'a' })]);
    const refusal = (...messages: { vmid?: string }[]) =>
      rejection(all(shop.channel.bidi(Console, typed(...messages), SOON)));
    expect((await refusal()).violations).toHaveLength(1);
    expect((await refusal({ vmid: 'x' })).code).toBe('INVALID_ARGUMENT');
    expect((await refusal({ vmid: nowhere })).code).toBe('NOT_FOUND');
  });

  it('ends on the plant when the client goes away', async () => {
    const shop = await stage.shop([await stage.plant({ name: 'a' })]);
    const { vmid } = await createdVm(shop.create());
    const endless = async function* (): AsyncGenerator<{ vmid: string; data: Buffer }> {
      yield { vmid, data: Buffer.from('x') };
      await new Promise(() => {});
    };
    for await (const answer of shop.channel.bidi(Console, endless(), SOON)) {
      expect(answer.data.toString()).toBe('a> x');
      break;
    }
    // The record of the call is written when it has ended.
    while (!shop.logger.records.some(({ fields }) => fields.method === Console.path)) {
      await new Promise(setImmediate);
    }
  });
});

describe('the plants', () => {
  it('are told before the client gives up, also when one of them is silent', async () => {
    const hanging: PlantScript['handlers'] = (logger) => ({
      Describe: unary((_, { signal }) => once(signal, 'abort').then(() => ({})), logger),
    });
    const plants = [await stage.plant({ name: 'a' }), await stage.plant({ name: 'b', handlers: hanging })];
    const shop = await stage.shop(plants, { limits: { askMilliseconds: 60_000 } });
    const { plants: told } = await shop.channel.unary(Plants, {}, { timeoutMilliseconds: 2_000 });
    expect(told.map(({ name, error }) => [name, error !== ''])).toEqual([
      ['a', false],
      ['', true],
    ]);
  });
});
