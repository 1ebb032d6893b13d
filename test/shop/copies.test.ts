import { afterEach, describe, expect, it } from 'vitest';
import type { Vm } from '../../model/vm.js';
import { contracts } from '../../proto/load.js';
import { vmidFromRequestId } from '../../shop/vmid.js';
import type { ScriptedPlant } from './scriptedPlant.js';
import { all, createdVm, machine, openStage, rejection, SOON } from './testShop.js';

const stage = openStage();
afterEach(stage.clear);

const { Query, List, Collect } = contracts().shop;
const vmid = vmidFromRequestId('default', 'same');

const copy = (plant: string, more: Partial<Vm> = {}): Vm => ({
  vmid,
  state: 'running',
  plant,
  clientDomain: 'default',
  image: 'debian-12',
  rung: 'warm',
  line: 'fake',
  createdAt: 1,
  classad: { VMID: vmid },
  vcpus: 1,
  memoryMiB: 64,
  hostname: vmid,
  orderDigest: 'd',
  ...more,
});

const having = (vm: Vm): Promise<ScriptedPlant> =>
  stage.plant({ name: vm.plant, vms: new Map([[vmid, vm]]) });

/** Of these each hides no client's VM: the copy goes by itself. */
const LESSER: readonly Partial<Vm>[] = [
  { state: 'failed', unclaimed: true },
  { state: 'collecting', unclaimed: true },
  { state: 'collecting' },
  { state: 'producing', unclaimed: true },
];

describe.each(LESSER)('a copy of a VM that is %j', (lesser) => {
  it('does not hide the one that its client has elsewhere, and is ended with it', async () => {
    const pa = await having(copy('pa', lesser));
    const pb = await having(copy('pb'));
    // The first that answers is not the one that counts.
    const shop = await stage.shop([pa, pb]);
    const ask = (maxAgeMilliseconds: number) =>
      Promise.all([
        shop.channel.unary(Query, { vmid, maxAgeMilliseconds }, SOON),
        shop.channel.unary(List, { maxAgeMilliseconds }, SOON),
      ]);
    for (const maxAge of [0, 0, 60_000]) {
      const [vm, { vms }] = await ask(maxAge);
      expect([vm.plant, vm.state, vms.map(({ plant }) => plant)]).toEqual(['pb', 'VM_STATE_RUNNING', ['pb']]);
    }
    expect(await shop.channel.unary(Collect, { vmid }, SOON)).toMatchObject({ collected: true });
    expect([pa.vms.size, pb.vms.size]).toEqual([0, 0]);
    expect(await rejection(shop.channel.unary(Query, { vmid }, SOON))).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a copy that failed and that nobody claimed', () => {
  const failed = { state: 'failed', reason: 'an action', unclaimed: true } as const;

  it('is shown for what it is, and is no answer for good while a plant is silent', async () => {
    const pa = await having(copy('pa', failed));
    const pb = await having(copy('pb'));
    await pb.stop();
    const shop = await stage.shop([pa, pb]);
    expect(await shop.channel.unary(Query, { vmid }, SOON)).toMatchObject({ plant: 'pa', unclaimed: true });
    const error = await rejection(shop.channel.unary(Collect, { vmid }, SOON));
    expect([error.code, error.reason]).toEqual(['UNAVAILABLE', 'PLANT_UNREACHABLE']);
    expect(error.message).toContain(pb.address);
    expect(pa.vms.size).toBe(0);
    const again = await rejection(all(shop.create({ machine, requestId: 'same' })));
    expect([again.code, again.reason]).toEqual(['UNAVAILABLE', 'PLANT_UNREACHABLE']);
  });

  it('is collected where it is all that there is', async () => {
    const pa = await having(copy('pa', failed));
    const shop = await stage.shop([pa, await stage.plant({ name: 'pb' })]);
    expect(await shop.channel.unary(Collect, { vmid }, SOON)).toMatchObject({ collected: true });
    expect(pa.vms.size).toBe(0);
  });

  it('is not what a repeated create joins where the client has the VM elsewhere', async () => {
    const pb = await stage.plant({ name: 'pb' });
    const { vmid: made } = await createdVm((await stage.shop([pb])).create({ machine, requestId: 'same' }));
    const orderDigest = pb.vms.get(vmid)?.orderDigest ?? '';
    expect(made).toBe(vmid);
    const pa = await having(copy('pa', { ...failed, orderDigest }));
    const shop = await stage.shop([pa, pb]);
    const events = await all(shop.create({ machine, requestId: 'same' }));
    expect(events.at(-1)?.vm).toMatchObject({ vmid, plant: 'pb' });
    expect(pa.calls).not.toContain('Produce');
  });
});
