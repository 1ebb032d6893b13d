import { afterEach, describe, expect, it } from 'vitest';
import { all, createdVm, gate, machine, openStage, otherMachine, rejection } from './testShop.js';

const stage = openStage();
afterEach(stage.clear);

const request = { requestId: 'job-4711', machine };

describe('a create that is repeated with its request ID', () => {
  it('gives the same VM, also on another shop', async () => {
    const plants = [await stage.plant({ name: 'a' }), await stage.plant({ name: 'b' })];
    const first = await createdVm((await stage.shop(plants, { seed: 1 })).create(request));
    for (const seed of [2, 3, 4]) {
      const shop = await stage.shop(plants, { seed });
      expect(await createdVm(shop.create(request))).toEqual(first);
    }
    expect(plants.reduce((sum, plant) => sum + plant.vms.size, 0)).toBe(1);
  });

  it('joins the production that the first one began on a shop that died', async () => {
    const { opened, open } = gate();
    const plant = await stage.plant({ name: 'a', finish: opened });
    const dying = await stage.shop([plant]);
    const accepted = dying.create(request);
    for await (const event of accepted) if (event.progress?.phase === 'clone') break;
    await dying.stop();
    const other = await stage.shop([plant]);
    const followed = all(other.create(request));
    open();
    const events = await followed;
    expect(events.map((event) => event.event)).toEqual(['accepted', 'plan', 'progress', 'vm']);
    expect(events.at(-1)?.vm?.vmid).toBe(events[0]?.accepted?.vmid);
    expect(plant.vms.size).toBe(1);
    // The plant that has the VM is asked to produce it again; no bids are taken for it.
    expect(plant.calls.filter((call) => call === 'Bid')).toHaveLength(1);
  });

  it('joins the one in progress on the same shop, from its beginning', async () => {
    const { opened, open } = gate();
    const plant = await stage.plant({ name: 'a', finish: opened });
    const shop = await stage.shop([plant]);
    const first = shop.create(request);
    await first.next();
    const second = all(shop.create(request));
    open();
    const events = await second;
    expect(events.map((event) => event.event)).toEqual(['accepted', 'auction', 'plan', 'progress', 'vm']);
    expect(await all(first)).toEqual(events.slice(1));
    expect(plant.calls.filter((call) => call === 'Produce')).toHaveLength(1);
  });

  it('twenty at once make one VM', async () => {
    const plants = [await stage.plant({ name: 'a' }), await stage.plant({ name: 'b' })];
    const shop = await stage.shop(plants);
    const vms = await Promise.all(Array.from({ length: 20 }, () => createdVm(shop.create(request))));
    expect(new Set(vms.map((vm) => vm.vmid)).size).toBe(1);
    expect(plants.reduce((sum, plant) => sum + plant.vms.size, 0)).toBe(1);
  });

  it('is ALREADY_EXISTS for another request', async () => {
    const plant = await stage.plant({ name: 'a' });
    const shop = await stage.shop([plant]);
    const { vmid } = await createdVm(shop.create(request));
    const error = await rejection(all(shop.create({ ...request, machine: otherMachine })));
    expect([error.code, error.reason]).toEqual(['ALREADY_EXISTS', 'REQUEST_ID_REUSED']);
    expect(error.message).toContain(vmid);
    expect(plant.vms.size).toBe(1);
  });

  it('is ALREADY_EXISTS for another request while the first is in progress', async () => {
    const { opened, open } = gate();
    const plant = await stage.plant({ name: 'a', finish: opened });
    const shop = await stage.shop([plant]);
    const first = shop.create(request);
    await first.next();
    const error = await rejection(all(shop.create({ ...request, machine: otherMachine })));
    expect(error.code).toBe('ALREADY_EXISTS');
    open();
    await all(first);
    expect(plant.vms.size).toBe(1);
  });

  it('is UNAVAILABLE while the plant that has the VM is out of reach: never a second VM', async () => {
    const holder = await stage.plant({ name: 'holder', cost: 1 });
    const other = await stage.plant({ name: 'other', cost: 5 });
    const first = await createdVm((await stage.shop([holder, other])).create(request));
    await holder.stop();
    const shop = await stage.shop([holder, other]);
    const error = await rejection(all(shop.create(request)));
    expect(error.code).toBe('UNAVAILABLE');
    expect(error.message).toContain(holder.address);
    expect(other.vms.size).toBe(0);
    expect(other.calls).not.toContain('Produce');
    // It comes back with what it had.
    const port = Number(holder.address.split(':')[1]);
    const back = await stage.plant({ name: 'holder', cost: 1, port, vms: holder.vms });
    const restarted = await stage.shop([back, other]);
    expect((await createdVm(restarted.create(request))).vmid).toBe(first.vmid);
  });

  it('finds the VM although another plant is out of reach', async () => {
    const holder = await stage.plant({ name: 'holder', cost: 1 });
    const other = await stage.plant({ name: 'other', cost: 5 });
    const first = await createdVm((await stage.shop([holder, other])).create(request));
    await other.stop();
    const shop = await stage.shop([holder, other]);
    expect((await createdVm(shop.create(request))).vmid).toBe(first.vmid);
  });
});

describe('request IDs', () => {
  it('used for the first time, are not held up by a plant that does not answer', async () => {
    const gone = await stage.plant({ name: 'gone', cost: 1 });
    const there = await stage.plant({ name: 'there', cost: 5 });
    await gone.stop();
    const shop = await stage.shop([gone, there]);
    const vm = await createdVm(shop.create({ ...request, firstUse: true }));
    expect(there.vms.has(vm.vmid)).toBe(true);
    expect((await createdVm(shop.create({ ...request, firstUse: true }))).vmid).toBe(vm.vmid);
    expect(there.vms.size).toBe(1);
  });

  it('belong to a client domain', async () => {
    const plant = await stage.plant({ name: 'a' });
    const shop = await stage.shop([plant]);
    const ours = await createdVm(shop.create(request));
    const theirs = await createdVm(
      shop.create({ ...request, machine: { ...machine, clientDomain: 'other.example' } }),
    );
    expect(theirs.vmid).not.toBe(ours.vmid);
  });

  it('left out, make a VM for every call', async () => {
    const plant = await stage.plant({ name: 'a' });
    const shop = await stage.shop([plant]);
    const vms = [await createdVm(shop.create()), await createdVm(shop.create())];
    expect(new Set(vms.map((vm) => vm.vmid)).size).toBe(2);
    for (const { vmid } of vms) expect(vmid).toMatch(/^vm-[a-z2-7]{26}$/);
  });

  it.each([['x'.repeat(129)], ['line\nbreak']])('%j is none', async (requestId) => {
    const plant = await stage.plant({ name: 'a' });
    const shop = await stage.shop([plant]);
    const error = await rejection(all(shop.create({ requestId, machine })));
    expect(error.violations.map((violation) => violation.field)).toEqual(['request_id']);
    expect(plant.calls).toEqual([]);
  });
});
