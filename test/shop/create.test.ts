import { afterEach, describe, expect, it } from 'vitest';
import { VmplantsError } from '../../model/errors.js';
import { serverStream } from '../../proto/handler.js';
import { contracts } from '../../proto/load.js';
import type { PlantScript } from './scriptedPlant.js';
import { all, createdVm, gate, machine, openStage, rejection, SOON } from './testShop.js';

const stage = openStage();
afterEach(stage.clear);

const { Query } = contracts().shop;

const failsWith =
  (error: VmplantsError, ...phases: string[]): NonNullable<PlantScript['handlers']> =>
  (logger) => ({
    Produce: serverStream(async function* () {
      for (const phase of phases) yield { progress: { phase, message: phase } };
      throw error;
    }, logger),
  });

describe('a creation', () => {
  it('says its name first, what happens next, and the VM last', async () => {
    const plant = await stage.plant({ name: 'a' });
    const shop = await stage.shop([plant]);
    const events = await all(shop.create());
    expect(events.map((event) => event.event)).toEqual(['accepted', 'auction', 'plan', 'progress', 'vm']);
    expect(events[3]?.progress).toMatchObject({ phase: 'clone', message: 'cloned', seconds: 0.1 });
    expect(events[4]?.vm).toMatchObject({ vmid: events[0]?.accepted?.vmid, state: 'VM_STATE_RUNNING' });
  });

  it('goes on when its client goes away', async () => {
    const { opened, open } = gate();
    const plant = await stage.plant({ name: 'a', finish: opened });
    const shop = await stage.shop([plant]);
    let vmid = '';
    for await (const event of shop.create()) {
      vmid ||= event.accepted?.vmid ?? '';
      if (event.progress) break;
    }
    expect((await shop.channel.unary(Query, { vmid }, SOON)).state).toBe('VM_STATE_PRODUCING');
    open();
    while (plant.vms.get(vmid)?.state !== 'running') await new Promise(setImmediate);
    expect((await shop.channel.unary(Query, { vmid }, SOON)).state).toBe('VM_STATE_RUNNING');
  });

  it('that fails in an action says which and how, and is not tried elsewhere', async () => {
    const failed = new VmplantsError('FAILED_PRECONDITION', 'action "install" failed with status 100', {
      reason: 'ACTION_FAILED',
      actionFailure: { action: 'install', status: 100, outputTail: 'E: no space\n' },
    });
    const failing = await stage.plant({ name: 'failing', cost: 1, handlers: failsWith(failed, 'configure') });
    const other = await stage.plant({ name: 'other', cost: 2 });
    const shop = await stage.shop([failing, other]);
    const error = await rejection(all(shop.create()));
    expect(error).toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'ACTION_FAILED',
      message: failed.message,
      actionFailure: failed.actionFailure,
    });
    expect(other.calls).toEqual(['Bid']);
  });

  it('does not show the client what went wrong inside a plant', async () => {
    const plant = await stage.plant({
      name: 'a',
      handlers: (logger) => ({
        Produce: serverStream(() => {
          throw new Error('secret path /var/lib/plant');
        }, logger),
      }),
    });
    const shop = await stage.shop([plant]);
    const error = await rejection(all(shop.create()));
    expect(error.code).toBe('INTERNAL');
    expect(error.message).toContain(plant.address);
    expect(error.message).not.toContain('secret');
  });

  it.each([
    ['that could not start the machine', ['plan', 'clone']],
    ['that had begun to configure', ['clone', 'configure']],
  ])('is tried on another plant after one %s', async (_, phases) => {
    const down = new VmplantsError('UNAVAILABLE', 'the machine did not start', {
      reason: 'MACHINE_DID_NOT_START',
    });
    const failing = await stage.plant({ name: 'failing', cost: 1, handlers: failsWith(down, ...phases) });
    const other = await stage.plant({ name: 'other', cost: 2 });
    const shop = await stage.shop([failing, other]);
    expect((await createdVm(shop.create())).plant).toBe('other');
    const alone = await stage.shop([failing]);
    const error = await rejection(all(alone.create()));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', reason: 'MACHINE_DID_NOT_START' });
  });

  it('brings down no more than three plants', async () => {
    const down = new VmplantsError('UNAVAILABLE', 'down', { reason: 'MACHINE_DID_NOT_START' });
    const plants = await Promise.all(
      [1, 2, 3, 4].map((cost) => stage.plant({ name: `p${cost}`, cost, handlers: failsWith(down, 'clone') })),
    );
    const shop = await stage.shop(plants);
    expect(await rejection(all(shop.create()))).toMatchObject({
      code: 'UNAVAILABLE',
      reason: 'MACHINE_DID_NOT_START',
    });
    expect(plants.map(({ calls }) => calls.includes('Produce'))).toEqual([true, true, true, false]);
  });

  it('says that its plant was lost with the order when there is no other', async () => {
    const lost = await stage.plant({
      name: 'lost',
      cost: 1,
      handlers: (logger) => ({
        Produce: serverStream(async function* () {
          await lost.stop();
          yield {};
        }, logger),
      }),
    });
    const full = await stage.plant({ name: 'full', cost: 2, capacity: 0 });
    const shop = await stage.shop([lost, full], { limits: { silenceMilliseconds: 200 } });
    const error = await rejection(all(shop.create()));
    expect([error.code, error.reason]).toEqual(['UNAVAILABLE', 'PLANT_LOST']);
    expect(error.message).toContain('full is full');
    expect(error.hint).toMatch(/vm-[a-z2-7]{26}/);
  });

  it('does not hand out a VM that is not running', async () => {
    const plant = await stage.plant({ name: 'a' });
    const shop = await stage.shop([plant]);
    const request = { requestId: 'r', machine };
    const { vmid } = await createdVm(shop.create(request));
    const vm = plant.vms.get(vmid) ?? expect.unreachable();
    await plant.stop();
    const kept = await stage.plant({
      name: 'a',
      vms: new Map([[vmid, vm]]),
      handlers: (logger) => ({
        Produce: serverStream(async function* () {
          const { vmToMessage } = await import('../../proto/mapping/vm.js');
          yield { vm: vmToMessage({ ...vm, state: 'failed', reason: 'action "x" failed' }) };
        }, logger),
      }),
    });
    const again = await stage.shop([kept]);
    const error = await rejection(all(again.create(request)));
    expect([error.code, error.reason]).toEqual(['FAILED_PRECONDITION', 'VM_NOT_RUNNING']);
    expect(error.message).toContain('action "x" failed');
  });

  it('takes no VM that is not the one it asked for', async () => {
    const plant = await stage.plant({
      name: 'a',
      handlers: (logger) => ({
        Produce: serverStream(async function* () {
          yield { vm: { vmid: `vm-${'a'.repeat(26)}`, state: 'VM_STATE_RUNNING' as const, rung: 'warm' } };
        }, logger),
      }),
    });
    const shop = await stage.shop([plant]);
    expect((await rejection(all(shop.create()))).code).toBe('DATA_LOSS');
  });
});

describe('more creations than the shop takes', () => {
  it('wait, and beyond that are refused at once', async () => {
    const { opened, open } = gate();
    const plant = await stage.plant({ name: 'a', capacity: 1000, finish: opened });
    const shop = await stage.shop([plant], { limits: { creations: 3, waitingCreations: 4 } });
    const creations = Array.from({ length: 20 }, () =>
      createdVm(shop.create()).then(
        () => 'made',
        (error: VmplantsError) => `${error.code} ${error.reason} ${error.hint}`,
      ),
    );
    const refused = creations.map((creation) => Promise.race([creation, opened.then(() => 'waiting')]));
    while (plant.vms.size < 3) await new Promise(setImmediate);
    await Promise.any(refused);
    expect(plant.vms.size).toBe(3);
    open();
    const outcomes = await Promise.all(creations);
    expect(outcomes.filter((outcome) => outcome === 'made')).toHaveLength(7);
    expect(new Set(outcomes.filter((outcome) => outcome !== 'made'))).toEqual(
      new Set(['RESOURCE_EXHAUSTED SHOP_BUSY try again in a few seconds']),
    );
    expect(plant.vms.size).toBe(7);
    // The places are free again.
    await createdVm(shop.create());
  });
});

describe('a shop that stops', () => {
  it('leaves what it began to the plant and says so', async () => {
    const { opened, open } = gate();
    const plant = await stage.plant({ name: 'a', finish: opened });
    const shop = await stage.shop([plant]);
    const creation = rejection(all(shop.create()));
    while (plant.vms.size < 1) await new Promise(setImmediate);
    const stopped = shop.stop();
    await creation;
    await stopped;
    expect(shop.logger.records).toContainEqual({
      level: 'info',
      fields: { vmid: expect.any(String), code: 'UNAVAILABLE', reason: 'SHOP_STOPPING' },
      message: 'a creation failed',
    });
    open();
    expect(plant.vms.size).toBe(1);
  });
});
