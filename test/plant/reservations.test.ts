import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Order } from '../../model/order.js';
import { createReservations, type Place } from '../../plant/reservations.js';
import { createRig, fakeOrder, NEVER, newVmid, produce, type Rig } from './produce/rig.js';

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
});
afterEach(() => rig.remove());

const placeFor = (order: Order, vmid = newVmid()): Place => ({
  vmid,
  orderDigest: order.digest,
  memoryMiB: order.hardware.memoryMiB,
  network: order.network,
  clientDomain: order.clientDomain,
});

const failsWith = (code: string, reason: string) => expect.objectContaining({ code, reason });

describe('a place that is held', () => {
  test('is taken for everybody else: for bids, other places and productions', async () => {
    const { plant } = await rig.open({ limits: { maxVms: 2 } });
    const order = fakeOrder([], { network: 'none' });
    const before = plant.bid(order).cost;
    plant.reserve(placeFor(order), 10_000);
    expect(plant.bid(order).cost).toBeGreaterThan(before);
    const mine = placeFor(order);
    plant.reserve(mine, 10_000);
    expect(plant.describe()).toMatchObject({ reserved: 2, snapshot: { vms: 2, usedMemoryMiB: 512 } });
    const full = failsWith('RESOURCE_EXHAUSTED', 'NO_VM_SLOT');
    expect(() => plant.bid(order)).toThrow(full);
    expect(() => plant.reserve(placeFor(order), 10_000)).toThrow(full);
    await expect(produce(plant, order)).rejects.toMatchObject({ reason: 'NO_VM_SLOT' });
    // Its own VM takes it over, and it is nobody's a second time.
    await produce(plant, order, { vmid: mine.vmid });
    expect(plant.describe()).toMatchObject({ reserved: 1, snapshot: { vms: 2 } });
    await plant.close();
  });

  test('is renewed by the same VMID, and given back', async () => {
    const { plant } = await rig.open({ limits: { maxVms: 1 } });
    const order = fakeOrder();
    const place = placeFor(order);
    plant.reserve(place, 10_000);
    plant.reserve(place, 10_000);
    expect(plant.describe().reserved).toBe(1);
    plant.release(place.vmid);
    plant.release(place.vmid);
    plant.reserve(placeFor(order), 10_000);
    await plant.close();
  });

  test('is free again after its time', async () => {
    let now = 0;
    await rig.remove();
    rig = await createRig({ clock: { now: () => Date.now(), monotonic: () => now } });
    const { plant } = await rig.open({ limits: { maxVms: 1 } });
    const order = fakeOrder();
    plant.reserve(placeFor(order), 10_000);
    now = 9_999;
    expect(() => plant.reserve(placeFor(order), 10_000)).toThrow(
      failsWith('RESOURCE_EXHAUSTED', 'NO_VM_SLOT'),
    );
    now = 10_000;
    plant.reserve(placeFor(order), 10_000);
    expect(plant.describe().reserved).toBe(1);
    await plant.close();
  });

  test('holds memory and, for the first VM of a domain, a network', async () => {
    const { plant } = await rig.open({ limits: { memoryMiB: 600, networks: 1 } });
    const ours = fakeOrder([], { clientDomain: 'ours.example', network: 'host-only' });
    const theirs = fakeOrder([], { clientDomain: 'theirs.example', network: 'host-only' });
    const mine = placeFor(ours);
    plant.reserve(mine, 10_000);
    expect(() => plant.reserve(placeFor(theirs), 10_000)).toThrow(
      failsWith('RESOURCE_EXHAUSTED', 'NO_NETWORK'),
    );
    plant.reserve(placeFor(ours), 10_000);
    expect(() => plant.reserve(placeFor(ours), 10_000)).toThrow(failsWith('RESOURCE_EXHAUSTED', 'NO_MEMORY'));
    await produce(plant, ours, { vmid: mine.vmid });
    expect(plant.describe().snapshot.networks.byDomain).toEqual(new Map([['ours.example', 2]]));
    await plant.close();
  });

  test('is not needed for a VM that is there, and not given to another order', async () => {
    const { plant } = await rig.open({ limits: { maxVms: 1 } });
    const order = fakeOrder();
    const other = fakeOrder([{ name: 'x', script: 'exit 0' }]);
    const { vm } = await produce(plant, order);
    plant.reserve(placeFor(order, vm.vmid), 10_000);
    expect(plant.describe().reserved).toBe(0);
    expect(() => plant.reserve(placeFor(other, vm.vmid), 10_000)).toThrow(
      failsWith('ALREADY_EXISTS', 'OTHER_ORDER'),
    );
    await plant.collect(vm.vmid, NEVER);
    const place = placeFor(order);
    plant.reserve(place, 10_000);
    expect(() => plant.reserve(placeFor(other, place.vmid), 10_000)).toThrow(
      failsWith('ALREADY_EXISTS', 'OTHER_ORDER'),
    );
    await plant.close();
  });

  test('is given back by a production that the plant does not take', async () => {
    const { plant } = await rig.open();
    const order = fakeOrder([], { operatingSystem: { name: 'unheard-of' } });
    const place = placeFor(order);
    plant.reserve(place, 10_000);
    await expect(produce(plant, order, { vmid: place.vmid })).rejects.toMatchObject({
      reason: 'NO_MATCHING_IMAGE',
    });
    expect(plant.describe().reserved).toBe(0);
    await plant.close();
  });
});

test('reservations are those whose time has not run out, whatever is held, renewed and given back', () => {
  const act = fc.record({
    vmid: fc.constantFrom('a', 'b', 'c'),
    milliseconds: fc.nat(20),
    after: fc.nat(10),
    release: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
      let now = 0;
      const reservations = createReservations({ monotonic: () => now });
      const until = new Map<string, number>();
      for (const { vmid, milliseconds, after, release } of acts) {
        now += after;
        if (release) {
          reservations.release(vmid);
          until.delete(vmid);
        } else {
          reservations.hold({ ...placeFor(fakeOrder()), vmid }, milliseconds);
          until.set(vmid, now + milliseconds);
        }
        const expected = [...until].filter(([, end]) => end > now).map(([name]) => name);
        expect(
          reservations
            .standing()
            .map((place) => place.vmid)
            .sort(),
        ).toEqual(expected.sort());
        expect(reservations.standing(vmid).every((place) => place.vmid !== vmid)).toBe(true);
      }
    }),
  );
});
