import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Plant } from '../../plant/plant.js';
import { createRig, fakeOrder, NEVER, newVmid, produce, type Rig } from './produce/rig.js';

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
});
afterEach(() => rig.remove());

const order = fakeOrder([{ name: 'x', script: 'exit 0' }]);

const gone = (plant: Plant, vmid: string): Promise<void> =>
  vi.waitFor(
    async () => {
      expect(plant.list(undefined).map((vm) => vm.vmid)).not.toContain(vmid);
      expect(await rig.clones()).toEqual([]);
    },
    { timeout: 10_000, interval: 20 },
  );

describe('a VM that has to be claimed', () => {
  test('is shown as being produced until it was, and stays then', async () => {
    const { plant } = await rig.open();
    const { vm } = await produce(plant, order, { claimWithinSeconds: 1 });
    const { vmid } = vm;
    expect([vm.state, vm.classad.State, vm.unclaimed]).toEqual(['producing', 'producing', true]);
    expect(plant.query(vmid)).toEqual(vm);
    expect(plant.list(undefined)).toEqual([vm]);
    const unclaimed = await produce(plant, order, { claimWithinSeconds: 1 });
    const claimed = plant.claim(vmid);
    expect([claimed.state, claimed.classad.State, claimed.unclaimed]).toEqual([
      'running',
      'running',
      undefined,
    ]);
    expect(plant.claim(vmid)).toEqual(claimed);
    await vi.waitFor(() => expect(plant.list(undefined)).toEqual([claimed]), { timeout: 10_000 });
    expect(() => plant.claim(unclaimed.vm.vmid)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    expect(plant.describe().snapshot.vms).toBe(1);
    await plant.close();
  });

  test('and was not, is removed with all that is its', async () => {
    const { plant } = await rig.open();
    const { vm } = await produce(plant, order, { claimWithinSeconds: 1 });
    await gone(plant, vm.vmid);
    expect(rig.log.lines.join('\n')).toContain('nobody claimed a VM in time');
    await plant.close();
  });

  test('is claimed by a repeated create that joins it', async () => {
    const { plant } = await rig.open();
    const { vm } = await produce(plant, order, { claimWithinSeconds: 60 });
    const again = await produce(plant, order, { vmid: vm.vmid, claimWithinSeconds: 60 });
    expect(again.vm).toEqual(vm);
    // Who does not know of claims gets it for good.
    const old = await produce(plant, order, { vmid: vm.vmid });
    expect(old.vm.state).toBe('running');
    await plant.close();
  });

  test('cannot be claimed while it is being made, nor once it is being removed', async () => {
    const { plant } = await rig.open();
    const vmid = newVmid();
    const request = { vmid, order, keepFailed: false, claimWithinSeconds: 60 };
    const events = plant.produce(request, NEVER);
    await events.next();
    expect(() => plant.claim(vmid)).toThrow(
      expect.objectContaining({ code: 'FAILED_PRECONDITION', reason: 'STILL_PRODUCING' }),
    );
    for await (const _ of events);
    const collected = plant.collect(vmid, NEVER);
    expect(() => plant.claim(vmid)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    await collected;
    await plant.close();
  });

  test('and failed is kept only when it was claimed', async () => {
    const { plant } = await rig.open();
    const failing = fakeOrder([{ name: 'x', script: 'exit 3' }]);
    const [kept, dropped] = [newVmid(), newVmid()];
    for (const vmid of [kept, dropped]) {
      const work = produce(plant, failing, { vmid, keepFailed: true, claimWithinSeconds: 1 });
      await expect(work).rejects.toMatchObject({ reason: 'ACTION_FAILED' });
    }
    expect(plant.query(kept)).toMatchObject({ state: 'failed', unclaimed: true });
    const claimed = plant.claim(kept);
    expect([claimed.state, claimed.unclaimed]).toEqual(['failed', undefined]);
    await vi.waitFor(() => expect(plant.list(undefined).map(({ vmid }) => vmid)).toEqual([kept]), {
      timeout: 10_000,
    });
    await plant.close();
  });

  test('is counted anew after a restart, and what was claimed stays', async () => {
    const { plant, abandon } = await rig.open();
    const { vm } = await produce(plant, order, { claimWithinSeconds: 1 });
    const claimed = await produce(plant, order, { claimWithinSeconds: 1 });
    plant.claim(claimed.vm.vmid);
    abandon();
    const { plant: restarted } = await rig.open();
    expect(restarted.query(vm.vmid).state).toBe('producing');
    await vi.waitFor(
      () => expect(restarted.list(undefined).map(({ vmid }) => vmid)).toEqual([claimed.vm.vmid]),
      { timeout: 10_000 },
    );
    expect(restarted.query(claimed.vm.vmid).state).toBe('running');
    await restarted.close();
  });
});
