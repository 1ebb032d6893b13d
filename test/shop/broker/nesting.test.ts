import { afterEach, describe, expect, it } from 'vitest';
import { unary } from '../../../proto/handler.js';
import type { CreateEvent } from '../../../shop/client.js';
import { recordingLogger } from '../../proto/recordingLogger.js';
import { SOON } from '../testShop.js';
import { openBrokerStage } from './brokerStage.js';

const stage = openBrokerStage();
afterEach(() => stage.clear());

const request = {
  hardware: { memory: 256 },
  operatingSystem: { name: 'fake' },
  actions: [{ name: 'greet', script: 'echo GREETING=hello >> "$VMPLANTS_ATTRIBUTES"\n' }],
};

describe('a plant behind three brokers', () => {
  it('makes, shows, uses and ends VMs, for a price that every broker adds to', async () => {
    const plant = await stage.plant('plant-1');
    const inner = await stage.broker([plant], { name: 'inner', markup: '10%' });
    const middle = await stage.broker([inner], { name: 'middle', markup: '5' });
    const outer = await stage.broker([middle], { name: 'outer' });
    const shop = await stage.shop([outer]);

    const { bids } = await shop.bids(request);
    expect(bids).toHaveLength(1);
    // The plant asks 50 for a new network.
    expect(bids[0]?.plant).toBe('outer/middle/inner/plant-1');
    expect(bids[0]?.cost).toBeCloseTo(60);
    expect(bids[0]?.components.map(({ name, basis }) => [name, basis]).slice(-2)).toEqual([
      ['markup inner', '10 % of 50'],
      ['markup middle', '5 for each VM'],
    ]);
    const { offers } = await shop.plan(request);
    expect(offers.map(({ bid, plan }) => [bid.plant, plan.image])).toEqual([
      ['outer/middle/inner/plant-1', 'base'],
    ]);

    const events: CreateEvent[] = [];
    const vm = await shop.create(request, {
      onEvent: (event) => {
        events.push(event);
      },
    });
    expect(vm).toMatchObject({ plant: 'plant-1', state: 'running', classad: { GREETING: 'hello' } });
    const plans = events.flatMap((event) => (event.kind === 'plan' ? [event.plant] : []));
    expect(plans).toEqual(['outer/middle/inner/plant-1']);
    expect(events.some((event) => event.kind === 'progress')).toBe(true);

    expect(await shop.query(vm.vmid)).toMatchObject({ vmid: vm.vmid, plant: 'plant-1' });
    expect((await shop.list()).vms.map(({ vmid }) => vmid)).toEqual([vm.vmid]);
    const output: Uint8Array[] = [];
    const onOutput = (data: Uint8Array): void => {
      output.push(data);
    };
    expect((await shop.exec(vm.vmid, 'echo hi\nexit 3\n', { onOutput })).status).toBe(3);
    expect(Buffer.concat(output).toString()).toBe('hi\n');
    expect((await shop.images()).images.map(({ plant: name, name: image }) => [name, image])).toEqual([
      ['plant-1', 'base'],
    ]);
    expect(await shop.collect(vm.vmid)).toEqual({ vmid: vm.vmid, collected: true });
    expect((await shop.list()).vms).toEqual([]);
    await expect(shop.query(vm.vmid)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is shown as a tree, with the sums of what is behind each broker', async () => {
    const [one, two, three] = [
      await stage.plant('plant-1', { limits: { maxVms: 2 } }),
      await stage.plant('plant-2', { limits: { maxVms: 3 } }),
      await stage.plant('plant-3', { limits: { maxVms: 4 } }),
    ];
    const inner = await stage.broker([one, two], { name: 'inner' });
    const outer = await stage.broker([inner, three], { name: 'outer' });
    const shop = await stage.shop([outer]);
    await shop.create(request);

    const [shown] = await shop.plants();
    expect(shown).toMatchObject({ name: 'outer', address: outer.address, vms: 1, maxVms: 9, images: 3 });
    expect(shown?.lines).toHaveLength(1);
    expect(shown?.behind).toMatchObject([
      {
        name: 'inner',
        address: inner.address,
        maxVms: 5,
        behind: [{ name: 'plant-1' }, { name: 'plant-2' }],
      },
      { name: 'plant-3', address: three.address, maxVms: 4 },
    ]);
    expect(shown?.behind?.[1]?.behind).toBeUndefined();
  });

  it('that asks what is no price does not spoil the quote of its broker', async () => {
    const asks = (cost: number) => ({
      Describe: unary(
        async () => ({ name: 'odd', maxVms: 8, quote: { cost, networkCost: 0 } }),
        recordingLogger(),
      ),
    });
    const odd = [Number.NaN, -1e308, Number.POSITIVE_INFINITY];
    const plants = await Promise.all(odd.map((cost, place) => stage.plant(`odd-${place}`, {}, asks(cost))));
    const broker = await stage.broker([...plants, await stage.plant('sane', {}, asks(7))]);
    const { quote } = await broker.client.describe({}, SOON);
    expect(quote).toEqual({ cost: 7, networkCost: 0 });
  });

  it('that is away is named, and the others are served', async () => {
    const [one, two] = [await stage.plant('plant-1'), await stage.plant('plant-2')];
    const broker = await stage.broker([one, two]);
    const shop = await stage.shop([broker]);
    const away = one.address;
    await one.kill();

    const vm = await shop.create(request);
    expect(vm.plant).toBe('plant-2');
    const { vms, unreachable } = await shop.list();
    expect([vms.length, unreachable]).toEqual([1, [away]]);
    expect((await shop.images()).unreachable).toEqual([away]);
    const [shown] = await shop.plants();
    expect(shown?.error).toBeUndefined();
    expect(shown?.behind?.[0]?.error).toMatch(/^UNAVAILABLE/);
    const unknown = `vm-${'a'.repeat(26)}`;
    await expect(shop.query(unknown)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('says through them why nobody bids', async () => {
    const full = await stage.plant('plant-1', { limits: { maxVms: 1 } });
    const outer = await stage.broker([await stage.broker([full], { name: 'inner' })], { name: 'outer' });
    const shop = await stage.shop([outer]);
    const other = { ...request, operatingSystem: { name: 'plan9' } };
    await expect(shop.create(other)).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'NO_MATCHING_IMAGE',
    });
    const { refusals } = await shop.plan(other);
    expect(refusals[0]?.rejected).toMatchObject([{ image: 'base', test: 'operating-system' }]);
    await shop.create(request);
    await expect(shop.create(request)).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    const nothing = await stage.shop([await stage.broker([])]);
    await expect(nothing.create(request)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('tells of an action that failed, and the VM that was kept can be looked at', async () => {
    const plant = await stage.plant('plant-1');
    const shop = await stage.shop([await stage.broker([await stage.broker([plant])])]);
    const broken = { ...request, actions: [{ name: 'broken', script: 'echo why\nexit 9\n' }] };
    await expect(shop.create(broken, { keepFailed: true })).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      actionFailure: { action: 'broken', status: 9, outputTail: 'why\n' },
    });
    const { vms } = await shop.list();
    expect(vms).toMatchObject([{ state: 'failed', plant: 'plant-1' }]);
  });
});
