import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CrashPoint } from '../../plant/parts.js';
import type { MachineRequest } from '../../proto/gen/vmplants/v1/MachineRequest.js';
import { unary } from '../../proto/handler.js';
import { contracts } from '../../proto/load.js';
import { fakeOrder, produce } from '../plant/produce/rig.js';
import { recordingLogger } from '../proto/recordingLogger.js';
import { all, createdVm, gate, openStage, rejection, SOON } from '../shop/testShop.js';
import { type FakePlant, openPlants } from './fakePlant.js';

const plants = openPlants();
const stage = openStage();
afterEach(async () => {
  await stage.clear();
  await plants.clear();
});

const { Query, List } = contracts().shop;

const machine: MachineRequest = {
  hardware: { memoryMib: 64 },
  operatingSystem: { name: 'fake' },
  actions: [{ name: 'work', guest: { script: 'echo done\n' } }],
};
const working = (seconds: number): MachineRequest => ({
  ...machine,
  actions: [{ name: 'work', guest: { script: `sleep ${seconds}\n` } }],
});

/** Soon enough for a test, and long enough for a busy machine. */
const QUICK = { silenceMilliseconds: 400, claimSeconds: 1 };

const within = { timeout: 15_000, interval: 20 };

/** Nothing of any VM is left on the plant. */
const empty = (plant: FakePlant): Promise<void> =>
  vi.waitFor(async () => {
    expect(plant.plant().list(undefined)).toEqual([]);
    expect(await plant.rig.clones()).toEqual([]);
  }, within);

/** Reached once, and from then on the plant does nothing more. */
function stopAt(name: string): { readonly crashPoint: CrashPoint; readonly reached: Promise<void> } {
  const { opened, open } = gate();
  return {
    reached: opened,
    crashPoint: (point) => {
      if (point !== name) return undefined;
      open();
      return new Promise<never>(() => undefined);
    },
  };
}

describe('a plant that dies in the middle of a creation', () => {
  it.each(['reserve:done', 'clone:logged', 'configure:done', 'record:logged'])(
    'at %s: the next bid is taken, the client sees one create, and nothing is left of the first try',
    async (point) => {
      const death = stopAt(point);
      const dying = await plants.start({ name: 'dying', cost: 1, crashPoint: death.crashPoint });
      const other = await plants.start({ name: 'other', cost: 2 });
      const shop = await stage.shop([dying, other], { limits: QUICK });
      const creation = all(shop.create({ machine }));
      await death.reached;
      await dying.die();
      const events = await creation;
      expect(events.flatMap(({ auction }) => auction?.winner ?? [])).toEqual(['dying', 'other']);
      expect(events.filter(({ accepted }) => accepted)).toHaveLength(1);
      const vm = events.at(-1)?.vm;
      expect(vm).toMatchObject({
        vmid: events[0]?.accepted?.vmid,
        state: 'VM_STATE_RUNNING',
        plant: 'plant-1',
      });
      await dying.restart();
      await empty(dying);
      expect(
        other
          .plant()
          .list(undefined)
          .map(({ vmid, state }) => [vmid, state]),
      ).toEqual([[vm?.vmid, 'running']]);
    },
  );

  it('once its VM runs: two have it for a moment, the claimed one is shown, and the other goes by itself', async () => {
    const death = stopAt('record:done');
    const dying = await plants.start({ name: 'dying', cost: 1, crashPoint: death.crashPoint });
    const other = await plants.start({ name: 'other', cost: 2 });
    const shop = await stage.shop([dying, other], { limits: { ...QUICK, claimSeconds: 3 } });
    const creation = createdVm(shop.create({ machine }));
    await death.reached;
    await dying.die();
    const { vmid } = await creation;
    await dying.restart();
    expect(dying.plant().query(vmid).state).toBe('producing');
    // Another shop, which knows nothing.
    const fresh = await stage.shop([dying, other]);
    expect((await fresh.channel.unary(Query, { vmid }, SOON)).state).toBe('VM_STATE_RUNNING');
    const { vms } = await fresh.channel.unary(List, {}, SOON);
    expect(vms.map((vm) => [vm.vmid, vm.state])).toEqual([[vmid, 'VM_STATE_RUNNING']]);
    await empty(dying);
    expect(other.plant().query(vmid).state).toBe('running');
  });

  it('and is back before it is given up: it rolled back and says so, and the next bid is taken at once', async () => {
    const death = stopAt('configure:done');
    const dying = await plants.start({ name: 'dying', cost: 1, crashPoint: death.crashPoint });
    const other = await plants.start({ name: 'other', cost: 2 });
    const shop = await stage.shop([dying, other], { limits: { silenceMilliseconds: 60_000 } });
    const creation = createdVm(shop.create({ machine }));
    await death.reached;
    await dying.die();
    await dying.restart();
    const { vmid } = await creation;
    expect(other.plant().query(vmid).state).toBe('running');
    expect(dying.plant().list(undefined)).toEqual([]);
  });

  it('with nobody else to take the order is told, and the VM is found by a repeated create', async () => {
    const death = stopAt('record:done');
    const dying = await plants.start({ name: 'dying', crashPoint: death.crashPoint });
    const shop = await stage.shop([dying], { limits: { ...QUICK, claimSeconds: 60 } });
    const request = { requestId: 'job', machine };
    const creation = rejection(all(shop.create(request)));
    await death.reached;
    await dying.die();
    expect(await creation).toMatchObject({ code: 'UNAVAILABLE', reason: 'PLANT_LOST' });
    expect(await rejection(all(shop.create(request)))).toMatchObject({ code: 'UNAVAILABLE' });
    await dying.restart();
    const [before] = dying.plant().list(undefined);
    const fresh = await stage.shop([dying]);
    expect(await createdVm(fresh.create(request))).toMatchObject({
      vmid: before?.vmid,
      state: 'VM_STATE_RUNNING',
    });
  });
});

describe('a plant that is stopped in the middle of a creation', () => {
  it('while an action runs: the next bid is taken, and what it still makes goes by itself', async () => {
    const stopped = await plants.start({ name: 'stopped', cost: 1, timeScale: 1 });
    const other = await plants.start({ name: 'other', cost: 2 });
    const shop = await stage.shop([stopped, other], { limits: QUICK });
    const events = [];
    for await (const event of shop.create({ machine: working(1) })) {
      events.push(event);
      if (event.progress?.phase === 'configure') stopped.wire.freeze();
    }
    const vm = events.at(-1)?.vm;
    expect(events.flatMap(({ auction }) => auction?.winner ?? [])).toEqual(['stopped', 'other']);
    stopped.wire.thaw();
    await empty(stopped);
    expect(
      other
        .plant()
        .list(undefined)
        .map(({ vmid }) => vmid),
    ).toEqual([vm?.vmid]);
  });

  it('and is only slow is waited for: it answers beside the silent stream', async () => {
    const slow = await plants.start({ name: 'slow', cost: 1, timeScale: 1 });
    const other = await plants.start({ name: 'other', cost: 2 });
    const shop = await stage.shop([slow, other], { limits: { silenceMilliseconds: 300 } });
    const { vmid } = await createdVm(shop.create({ machine: working(2) }));
    expect(slow.plant().query(vmid).state).toBe('running');
    expect(other.plant().list(undefined)).toEqual([]);
  });
});

describe('a connection that breaks in the middle of a creation', () => {
  it('is made again, and the creation goes on where it was', async () => {
    const plant = await plants.start({ name: 'plant', timeScale: 1 });
    const shop = await stage.shop([plant], { limits: { silenceMilliseconds: 10_000 } });
    const events = [];
    for await (const event of shop.create({ machine: working(1) })) {
      events.push(event);
      if (
        event.progress?.phase === 'configure' &&
        events.filter((one) => one.progress?.phase === 'configure').length === 1
      )
        plant.wire.cut();
    }
    expect(events.at(-1)?.vm?.state).toBe('VM_STATE_RUNNING');
    expect(events.filter((event) => event.plan)).toHaveLength(1);
    const texts = events.map((event) => JSON.stringify(event.progress));
    const told = texts.filter((text) => text !== undefined);
    expect(new Set(told).size).toBe(told.length);
  });
});

describe('when it is not known whether a claim came through', () => {
  it('no second VM is made, and a repeated create gives the one that there is', async () => {
    let answering = false;
    const plant = await plants.start({
      name: 'plant',
      cost: 1,
      around: (handlers) => ({
        Claim: unary(async ({ vmid }, { signal }) => {
          const vm = plant.plant().claim(vmid);
          expect(vm.state).toBe('running');
          if (!answering)
            await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
          const { vmToMessage } = await import('../../proto/mapping/vm.js');
          return vmToMessage(vm);
        }, recordingLogger()),
        Query: handlers.Query,
      }),
    });
    const other = await plants.start({ name: 'other', cost: 2 });
    const shop = await stage.shop([plant, other], { limits: { ...QUICK, askMilliseconds: 500 } });
    const request = { requestId: 'job', machine };
    expect(await rejection(all(shop.create(request)))).toMatchObject({
      code: 'UNAVAILABLE',
      reason: 'PLANT_LOST',
    });
    answering = true;
    const { vmid } = await createdVm(shop.create(request));
    expect(
      plant
        .plant()
        .list(undefined)
        .map((vm) => vm.vmid),
    ).toEqual([vmid]);
    expect(other.plant().list(undefined)).toEqual([]);
  });
});

describe('a shop that dies in the middle of a creation', () => {
  it('before the claim: a repeated create on another shop takes the VM over', async () => {
    const { opened, open } = gate();
    const plant = await plants.start({
      name: 'plant',
      around: (handlers) => ({
        Claim: (call, answer) => {
          open();
          if (shops > 1) handlers.Claim(call, answer);
        },
      }),
    });
    let shops = 1;
    const other = await plants.start({ name: 'other' });
    const first = await stage.shop([plant], { limits: { claimSeconds: 60 } });
    const request = { requestId: 'job', machine };
    const creation = rejection(all(first.create(request)));
    await opened;
    await first.stop();
    await creation;
    shops = 2;
    const second = await stage.shop([plant, other]);
    const { vmid } = await createdVm(second.create(request));
    expect(
      plant
        .plant()
        .list(undefined)
        .map((vm) => [vm.vmid, vm.state]),
    ).toEqual([[vmid, 'running']]);
    expect(other.plant().list(undefined)).toEqual([]);
  });

  it('and nobody repeats the create: the VM goes by itself', async () => {
    const { opened, open } = gate();
    const plant = await plants.start({ name: 'plant', around: () => ({ Claim: () => open() }) });
    const shop = await stage.shop([plant], { limits: { claimSeconds: 1 } });
    const creation = rejection(all(shop.create({ machine })));
    await opened;
    await shop.stop();
    await creation;
    await empty(plant);
  });

  it('is no answer as long as a plant is silent that may have the VM that was claimed', async () => {
    const { opened, open } = gate();
    const plant = await plants.start({ name: 'plant', cost: 1, around: () => ({ Claim: () => open() }) });
    const silent = await plants.start({ name: 'silent', cost: 2 });
    const shop = await stage.shop([plant, silent], { limits: { claimSeconds: 60 } });
    const request = { requestId: 'job', machine };
    const creation = rejection(all(shop.create(request)));
    await opened;
    await shop.stop();
    await creation;
    silent.wire.down();
    const fresh = await stage.shop([plant, silent]);
    expect(await rejection(all(fresh.create(request)))).toMatchObject({
      code: 'UNAVAILABLE',
      reason: 'PLANT_UNREACHABLE',
    });
    expect(
      plant
        .plant()
        .list(undefined)
        .map(({ state }) => state),
    ).toEqual(['producing']);
  });
});

it('a VM that failed in an action is no failure of its plant: it is kept when that was asked for, and not tried elsewhere', async () => {
  const plant = await plants.start({ name: 'plant', cost: 1 });
  const other = await plants.start({ name: 'other', cost: 2 });
  const shop = await stage.shop([plant, other], { limits: QUICK });
  const broken = { ...machine, actions: [{ name: 'work', guest: { script: 'exit 3\n' } }] };
  const error = await rejection(all(shop.create({ machine: broken, keepFailed: true })));
  expect(error.actionFailure).toMatchObject({ action: 'work', status: 3 });
  const [kept, ...others] = plant.plant().list(undefined);
  expect([kept?.state, others]).toEqual(['failed', []]);
  expect(other.plant().list(undefined)).toEqual([]);
  // One that nobody claims, and that goes later than the first would.
  const { vm } = await produce(plant.plant(), fakeOrder(), { claimWithinSeconds: QUICK.claimSeconds });
  await vi.waitFor(
    () =>
      expect(
        plant
          .plant()
          .list(undefined)
          .map(({ vmid }) => vmid),
      ).not.toContain(vm.vmid),
    within,
  );
  expect(plant.plant().list(undefined)).toEqual([kept]);
});
