import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Classad } from '../../../model/classad.js';
import type { LocatedImage } from '../../../model/goldenImage.js';
import type { FakeFailure } from '../../../plant/line/fake/failure.js';
import { createFakeLine } from '../../../plant/line/fake/line.js';
import type { CloneSpec, ProductionLine } from '../../../plant/line/line.js';
import type { CrashPoint } from '../../../plant/parts.js';
import type { Plant } from '../../../plant/plant.js';
import { createRig, fakeOrder, NEVER, newVmid, produce, type Rig, type RigOptions } from '../produce/rig.js';
import { createBootingLine } from './bootingLine.js';
import { changingWarehouse, makeWarmImage } from './warmImage.js';

const PREPARE = { memoryMiB: 4096, spare: 2, maxPerImage: 1000 };
const ORDER = fakeOrder([{ name: 'work', script: 'echo done\n' }]);

let directory: string;
let image: LocatedImage;
let rig: Rig;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'prepare-'));
  image = await makeWarmImage(join(directory, 'base'));
});
afterEach(async () => {
  await rig.remove();
  await rm(directory, { recursive: true, force: true });
});

async function openRig(options: RigOptions = {}): Promise<Plant> {
  rig = await createRig({ images: [image], prepare: PREPARE, ...options });
  return (await rig.open()).plant;
}

async function untilWaiting(plant: Plant, count: number): Promise<void> {
  await expect.poll(() => plant.describe().snapshot.prepared.count, { timeout: 10_000 }).toBe(count);
}

/** Asks for one VM, so that more are worth having, and waits for them. */
async function warmUp(plant: Plant, count = PREPARE.spare): Promise<Classad> {
  const { vm } = await produce(plant, ORDER);
  await untilWaiting(plant, count);
  return vm.classad;
}

async function waitingClones(): Promise<readonly string[]> {
  return (await rig.clones()).filter((name) => name.startsWith('prepared-'));
}

describe('a machine that waits', () => {
  test('is made once its image was asked for, and is handed out with an identity of its own', async () => {
    const plant = await openRig();
    expect(plant.prepared()).toEqual([]);
    const first = await warmUp(plant);
    expect(first).toMatchObject({ Prepared: false, Rung: 'warm' });
    expect(plant.prepared()).toEqual([
      {
        image: 'base',
        line: 'fake',
        rung: 'warm',
        vcpus: 1,
        memoryMiB: 256,
        network: 'host-only',
        waiting: 2,
        wanted: 2,
        inUse: 1,
      },
    ]);
    expect(plant.describe().snapshot).toMatchObject({
      vms: 1,
      usedMemoryMiB: 256,
      prepared: { count: 2, memoryMiB: 512 },
    });
    expect(plant.bid(ORDER).prepared).toBe(true);
    const before = await waitingClones();
    const { vm, events } = await produce(plant, ORDER);
    expect(vm.classad).toMatchObject({
      Prepared: true,
      Rung: 'warm',
      CloneSeconds: 0,
      StartSeconds: 0,
      Hostname: vm.vmid,
      ActionsRun: ['work'],
    });
    expect(events[0]).toMatchObject({ kind: 'plan', plan: { prepared: true } });
    for (const name of ['MachineId', 'BootId', 'MacAddress', 'SshHostKeyFingerprint']) {
      expect(vm.classad[name]).toBeDefined();
      expect(vm.classad[name]).not.toEqual(first[name]);
    }
    // Its clone is one of those that waited; nothing else of the VM lies anywhere.
    expect(await rig.clones()).not.toContain(vm.vmid);
    const said: string[] = [];
    for await (const event of plant.exec(vm.vmid, { script: 'echo here\n', timeoutSeconds: 0 }, NEVER)) {
      if (event.kind === 'output') said.push(Buffer.from(event.data).toString());
    }
    expect(said.join('')).toBe('here\n');
    await untilWaiting(plant, 2);
    await plant.collect(vm.vmid, NEVER);
    const after = await waitingClones();
    expect(before.filter((name) => !after.includes(name))).toHaveLength(1);
    await plant.close();
  });

  test('is never handed out twice, whoever asks at the same time', { timeout: 120_000 }, async () => {
    const plant = await openRig({
      prepare: { memoryMiB: 1_000_000, spare: 25, maxPerImage: 1000 },
      limits: { maxVms: 1000, memoryMiB: 1_000_000, productions: 200, waitingProductions: 200 },
      timeScale: 0,
    });
    await warmUp(plant, 25);
    const produced = await Promise.all(Array.from({ length: 200 }, () => produce(plant, ORDER)));
    const prepared = produced.filter(({ vm }) => vm.classad.Prepared === true);
    expect(prepared).toHaveLength(25);
    for (const name of ['MachineId', 'MacAddress', 'BootId']) {
      expect(new Set(produced.map(({ vm }) => vm.classad[name])).size).toBe(200);
    }
    // One clone for each, and those that were made since.
    const own = new Set(plant.list(undefined).map(({ vmid }) => vmid));
    expect(own.size).toBe(201);
    await plant.close();
  });

  test('is not handed out to an order of another size, network or image', async () => {
    const other = await makeWarmImage(join(directory, 'other'), {
      name: 'other',
      operatingSystem: { name: 'other', version: '1' },
    });
    const plant = await openRig({ images: [image, other] });
    await warmUp(plant);
    const orders = [
      fakeOrder([], { hardware: { memory: 512 } }),
      fakeOrder([], { hardware: { memory: 256, vcpus: 2 } }),
      fakeOrder([], { operatingSystem: { name: 'other' } }),
      fakeOrder([], { network: 'none' }),
    ];
    for (const order of orders) {
      expect(plant.bid(order).prepared).toBe(false);
      expect((await produce(plant, order)).vm.classad.Prepared).toBe(false);
    }
    await plant.close();
  });

  test('that has ended is noticed, removed and replaced', async () => {
    const plant = await openRig();
    await warmUp(plant);
    const [name = ''] = await waitingClones();
    const machine = await rig.line.adopt(join(rig.cloneRoot, name), undefined, NEVER);
    await machine?.stop(0, NEVER);
    await expect.poll(waitingClones, { timeout: 10_000 }).not.toContain(name);
    await untilWaiting(plant, 2);
    await plant.close();
  });

  test('does not keep a VM that it became from being collected while it is made', async () => {
    const plant = await openRig({ timeScale: 1 });
    await warmUp(plant);
    const vmid = newVmid();
    const order = fakeOrder([{ name: 'slow', script: 'sleep 3000\n' }]);
    const following = produce(plant, order, { vmid }).catch((error: unknown) => error);
    for await (const event of plant.produce({ vmid, order, keepFailed: false }, NEVER)) {
      if (event.kind === 'progress' && event.progress.action === 'slow') break;
    }
    await plant.collect(vmid, NEVER);
    expect(await following).toMatchObject({ reason: 'COLLECTED' });
    expect(plant.list(undefined)).toHaveLength(1);
    await untilWaiting(plant, 2);
    expect(await waitingClones()).toHaveLength(2);
    await plant.close();
  });

  test('goes with the rest when the order that it was handed to fails', async () => {
    const plant = await openRig();
    await warmUp(plant);
    const broken = fakeOrder([{ name: 'broken', script: 'exit 3\n' }]);
    const before = await waitingClones();
    await expect(produce(plant, broken)).rejects.toMatchObject({ reason: 'ACTION_FAILED' });
    const after = await waitingClones();
    expect(before.filter((name) => after.includes(name))).toHaveLength(1);
    expect(plant.list(undefined)).toHaveLength(1);
    await plant.close();
  });
});

describe('a machine that waited and cannot be used', () => {
  /** What goes wrong from a moment on with machines that were prepared. */
  function turningBad(failure: FakeFailure) {
    let bad = false;
    const line = createFakeLine({ timeScale: 0.01 });
    return {
      turn: () => {
        bad = true;
      },
      line: {
        ...line,
        start: async (spec: CloneSpec, signal: AbortSignal) => {
          const machine = await line.start(spec, signal);
          if (!spec.vmid.startsWith('prepared-')) return machine;
          const { guest } = machine;
          return {
            ...machine,
            deliver: async (file: string, until: AbortSignal) => {
              if (bad && failure === 'ends-at-run') await machine.stop(0, until);
              await machine.deliver(file, until);
            },
            guest: {
              ...guest,
              send: async (...args: Parameters<typeof guest.send>) => {
                if (bad && failure === 'silent') return;
                await guest.send(...args);
              },
            },
          };
        },
      },
    };
  }

  test.each(['ends-at-run', 'silent'] as const)('(%s) gives way to a clone of the same plan', async (how) => {
    const { line, turn } = turningBad(how);
    const plant = await openRig({ line, deadlines: { acceptMilliseconds: 100 } });
    await warmUp(plant);
    turn();
    const { vm, events } = await produce(plant, ORDER);
    expect(vm).toMatchObject({ state: 'running', rung: 'warm', classad: { Prepared: false } });
    expect(events.flatMap((event) => (event.kind === 'plan' ? [event.plan.prepared] : []))).toEqual([
      true,
      false,
    ]);
    // The clone is where the VM's own is looked for.
    expect(await rig.clones()).toContain(vm.vmid);
    // The image is not to blame: its memory goes on being resumed.
    expect(plant.bid(ORDER).rung).toBe('warm');
    await plant.collect(vm.vmid, NEVER);
    await plant.close();
  });
});

describe('memory', () => {
  test('is given back to an order that would not fit beside machines that wait', async () => {
    const plant = await openRig({ limits: { memoryMiB: 1024 } });
    await warmUp(plant);
    // 256 in use, 512 waiting, 256 free.
    const large = fakeOrder([], { hardware: { memory: 512 } });
    expect(plant.bid(large).prepared).toBe(false);
    const { vm } = await produce(plant, large);
    expect(vm.state).toBe('running');
    const { usedMemoryMiB, prepared } = plant.describe().snapshot;
    expect(usedMemoryMiB + prepared.memoryMiB).toBeLessThanOrEqual(1024);
    await plant.collect(vm.vmid, NEVER);
    await untilWaiting(plant, 2);
    await plant.close();
  });

  test('and places are, to the last; then an order is refused because of VMs alone', async () => {
    const plant = await openRig({ limits: { maxVms: 4, memoryMiB: 1024 } });
    await warmUp(plant);
    for (let n = 0; n < 3; n += 1) await produce(plant, fakeOrder([], { operatingSystem: { name: 'fake' } }));
    await untilWaiting(plant, 0);
    expect((await rig.clones()).length).toBe(4);
    await expect(produce(plant, ORDER)).rejects.toMatchObject({ reason: 'NO_VM_SLOT' });
    await plant.close();
  });

  test('beyond the budget is not taken, and without one none are prepared', async () => {
    const plant = await openRig({ prepare: { ...PREPARE, spare: 9, memoryMiB: 256 * 3 } });
    await warmUp(plant, 3);
    expect(plant.prepared()).toMatchObject([{ waiting: 3, wanted: 3 }]);
    await plant.close();
  });
});

describe('a machine is no longer kept', () => {
  test.each([
    ['its image is gone', () => []],
    [
      'its image is another of that name',
      (one: LocatedImage) => [{ ...one, descriptor: { ...one.descriptor, created: '2026-02-02T00:00:00Z' } }],
    ],
    [
      'its image belongs to somebody now',
      (one: LocatedImage) => [{ ...one, descriptor: { ...one.descriptor, owner: 'a.org' } }],
    ],
    [
      'its image may be used by others now',
      (one: LocatedImage) => [
        { ...one, descriptor: { ...one.descriptor, policy: { shared: 'disk' as const, pinned: false } } },
      ],
    ],
    [
      'its memory would not be resumed on this host',
      ({ descriptor, ...one }: LocatedImage) =>
        descriptor.memory === undefined
          ? []
          : [{ ...one, descriptor: { ...descriptor, memory: { ...descriptor.memory, vmm: 'fake 2' } } }],
    ],
  ])('when %s', async (_what, changed) => {
    const warehouse = changingWarehouse([image]);
    const plant = await openRig({ warehouse });
    await warmUp(plant);
    const before = await waitingClones();
    warehouse.set(changed(image));
    // From this moment on, whether it is removed yet or not.
    expect(plant.prepared().reduce((sum, { waiting }) => sum + waiting, 0)).toBe(0);
    await expect
      .poll(async () => (await waitingClones()).filter((name) => before.includes(name)), { timeout: 10_000 })
      .toEqual([]);
    await plant.close();
  });

  test('when nobody has asked for it for a long time', async () => {
    let hours = 0;
    const clock = { now: () => Date.now() + hours * 3_600_000, monotonic: () => performance.now() };
    const plant = await openRig({ clock });
    await warmUp(plant);
    hours = 5;
    await untilWaiting(plant, 0);
    await expect.poll(waitingClones).toEqual([]);
    await plant.close();
  });
});

describe('a machine that waits booted', () => {
  const UML_ORDER = fakeOrder([{ name: 'work', script: 'echo done\n' }], { line: 'uml' });

  /** An image that both lines serve, and a plant with both; UML only boots. */
  async function openBoth(options: RigOptions = {}): Promise<Plant> {
    const both = await makeWarmImage(join(directory, 'both'), { name: 'both', lines: ['fake', 'uml'] });
    return await openRig({ images: [both], otherLines: [createBootingLine()], ...options });
  }

  test('is made for a line that cannot resume, and handed out like a resumed one', async () => {
    const plant = await openBoth();
    const { vm: first } = await produce(plant, UML_ORDER);
    expect(first).toMatchObject({ line: 'uml', rung: 'disk', classad: { Prepared: false, Line: 'uml' } });
    expect(first.classad.BootSeconds).toBeDefined();
    await untilWaiting(plant, 2);
    expect(plant.prepared()).toMatchObject([
      { image: 'both', line: 'uml', rung: 'disk', waiting: 2, wanted: 2, inUse: 1 },
    ]);
    expect(plant.bid(UML_ORDER)).toMatchObject({ rung: 'disk', prepared: true, residualSeconds: 1 });
    const { vm, events } = await produce(plant, UML_ORDER);
    expect(events[0]).toMatchObject({ kind: 'plan', plan: { line: 'uml', rung: 'disk', prepared: true } });
    expect(vm).toMatchObject({
      line: 'uml',
      rung: 'disk',
      classad: { Prepared: true, Rung: 'disk', CloneSeconds: 0, StartSeconds: 0, ActionsRun: ['work'] },
    });
    // It had booted before.
    expect(vm.classad.BootSeconds).toBeUndefined();
    for (const name of ['MachineId', 'BootId', 'MacAddress', 'SshHostKeyFingerprint']) {
      expect(vm.classad[name]).not.toEqual(first.classad[name]);
    }
    await untilWaiting(plant, 2);
    await plant.close();
  });

  test('waits beside resumed ones, which an order gets that leaves the line open', async () => {
    const plant = await openBoth({ prepare: { ...PREPARE, spare: 1 } });
    await produce(plant, UML_ORDER);
    await produce(plant, ORDER);
    await untilWaiting(plant, 2);
    expect(plant.bid(ORDER)).toMatchObject({ rung: 'warm', prepared: true });
    expect(plant.bid(UML_ORDER)).toMatchObject({ rung: 'disk', prepared: true });
    const two = fakeOrder([], { hardware: { memory: 256, vcpus: 2 } });
    expect(plant.bid(two)).toMatchObject({ prepared: false });
    await plant.close();
  });

  test('is worth more of the memory than a resumed one, by its boot', async () => {
    const plant = await openBoth({ prepare: { ...PREPARE, spare: 1, memoryMiB: 256 } });
    await produce(plant, ORDER);
    await untilWaiting(plant, 1);
    await produce(plant, UML_ORDER);
    await expect
      .poll(() => plant.prepared().map(({ line, waiting }) => [line, waiting]), { timeout: 10_000 })
      .toEqual([
        ['fake', 0],
        ['uml', 1],
      ]);
    await plant.close();
  });

  test('that cannot be used gives way to the best clone, of another line too', async () => {
    const line = createBootingLine();
    let bad = false;
    const turning: ProductionLine = {
      ...line,
      start: async (spec, signal) => {
        const machine = await line.start(spec, signal);
        return {
          ...machine,
          deliver: async (file, until) => {
            if (bad) await machine.stop(0, until);
            await machine.deliver(file, until);
          },
        };
      },
    };
    const plant = await openBoth({ otherLines: [turning] });
    await produce(plant, UML_ORDER);
    await untilWaiting(plant, 2);
    bad = true;
    const { vm, events } = await produce(plant, ORDER);
    const plans = events.flatMap((event) => (event.kind === 'plan' ? [event.plan] : []));
    expect(plans.map(({ line: name, rung, prepared }) => [name, rung, prepared])).toEqual([
      ['uml', 'disk', true],
      ['fake', 'warm', false],
    ]);
    expect(vm).toMatchObject({ state: 'running', line: 'fake', rung: 'warm' });
    await plant.close();
  });

  test('goes on waiting when the plant was killed, and is handed out by the next', async () => {
    const both = await makeWarmImage(join(directory, 'both'), { name: 'both', lines: ['fake', 'uml'] });
    rig = await createRig({ images: [both], prepare: PREPARE, otherLines: [createBootingLine()] });
    const first = await rig.open();
    const { vm } = await produce(first.plant, UML_ORDER);
    await untilWaiting(first.plant, 2);
    first.abandon();
    const { plant } = await rig.open();
    expect(plant.recovery).toMatchObject({ adopted: [vm.vmid], failed: [], left: [] });
    expect(plant.recovery.waiting).toHaveLength(2);
    expect((await produce(plant, UML_ORDER)).vm.classad).toMatchObject({ Prepared: true, Line: 'uml' });
    await plant.close();
  });
});

test('an image whose memory cannot be resumed is booted at once the next time, and so are those that wait', async () => {
  const plant = await openRig({
    failAt: ({ rung, vmid }) => (rung === 'warm' && vmid.startsWith('vm-') ? 'start' : undefined),
  });
  const first = await produce(plant, ORDER);
  const rungs = ({ events }: typeof first) =>
    events.flatMap((event) => (event.kind === 'plan' ? [event.plan.rung] : []));
  expect(rungs(first)).toEqual(['warm', 'disk']);
  expect(rungs(await produce(plant, ORDER))).toEqual(['disk']);
  await untilWaiting(plant, 2);
  expect(plant.bid(ORDER)).toMatchObject({ rung: 'disk', prepared: true });
  expect(plant.prepared()).toMatchObject([{ rung: 'disk', waiting: 2 }]);
  await plant.close();
});

test('a machine that cannot be made is not tried all the time, and leaves nothing', async () => {
  let tries = 0;
  const plant = await openRig({
    failAt: ({ vmid }) => {
      if (!vmid.startsWith('prepared-')) return undefined;
      tries += 1;
      return 'silent';
    },
    deadlines: { acceptMilliseconds: 20 },
  });
  await produce(plant, ORDER);
  await expect.poll(() => rig.log.lines.join('\n')).toContain('work in the background failed');
  expect(await waitingClones()).toEqual([]);
  const after = tries;
  // The background goes on asking: a second image is prepared all the same, if there were one.
  expect((await produce(plant, ORDER)).vm.state).toBe('running');
  expect(tries).toBe(after);
  await plant.close();
});

test('a production whose image goes before it is cloned plans again', async () => {
  const other = await makeWarmImage(join(directory, 'other'), {
    name: 'other',
    created: '2026-01-02T00:00:00Z',
  });
  const warehouse = changingWarehouse([image, other]);
  const plant = await openRig({
    warehouse,
    crashPoint: async (point) => {
      if (point !== 'clone:logged' || warehouse.get('other') === undefined) return;
      warehouse.set([image]);
      await rm(other.directory, { recursive: true });
    },
  });
  const { vm, events } = await produce(plant, ORDER);
  expect(events.flatMap((event) => (event.kind === 'plan' ? [event.plan.image] : []))).toEqual([
    'other',
    'base',
  ]);
  expect(vm).toMatchObject({ image: 'base', rung: 'warm', state: 'running' });
  await plant.close();
});

describe('a plant that dies', () => {
  function dieAt(
    name: string,
    skip = 0,
  ): { readonly crashPoint: CrashPoint; readonly reached: Promise<void> } {
    let left = skip;
    let tell: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => {
      tell = resolve;
    });
    return {
      reached,
      crashPoint: (point) => {
        if (point !== name) return undefined;
        left -= 1;
        if (left >= 0) return undefined;
        tell();
        return new Promise<never>(() => undefined);
      },
    };
  }

  test('after a machine was handed out leaves nothing of it, and the request can be repeated', async () => {
    rig = await createRig({ images: [image], prepare: PREPARE });
    const death = dieAt('hand-out:done');
    const first = await rig.open({ crashPoint: death.crashPoint });
    await warmUp(first.plant);
    const before = await waitingClones();
    const vmid = newVmid();
    void produce(first.plant, ORDER, { vmid }).catch(() => undefined);
    await death.reached;
    first.abandon();

    const { plant } = await rig.open();
    expect(plant.recovery).toMatchObject({ removed: [vmid], left: [], failed: [] });
    expect(plant.recovery.waiting).toHaveLength(1);
    expect(before).toContain(plant.recovery.waiting[0]);
    const { vm } = await produce(plant, ORDER, { vmid });
    expect(vm.classad.Prepared).toBe(true);
    expect(before).not.toContain(vm.vmid);
    await untilWaiting(plant, 2);
    expect(await waitingClones()).toHaveLength(3);
    await plant.close();
  });

  test.each(['prepare:logged', 'prepare:started', 'prepare:done'])(
    'at %s leaves nothing of what was being prepared',
    async (point) => {
      rig = await createRig({ images: [image], prepare: PREPARE });
      const death = dieAt(point, 1);
      const first = await rig.open({ crashPoint: death.crashPoint });
      const { vm } = await produce(first.plant, ORDER);
      await death.reached;
      first.abandon();

      const { plant } = await rig.open({ crashPoint: () => undefined });
      expect(plant.recovery).toMatchObject({ adopted: [vm.vmid], left: [], failed: [] });
      expect(plant.recovery.waiting).toHaveLength(1);
      expect(plant.recovery.removed).toHaveLength(1);
      expect((await rig.clones()).filter((name) => plant.recovery.removed.includes(name))).toEqual([]);
      await untilWaiting(plant, 2);
      await plant.close();
    },
  );

  test('with a VM that was prepared adopts it like any other; one that prepares none removes those that wait', async () => {
    rig = await createRig({ images: [image], prepare: PREPARE });
    const first = await rig.open();
    await warmUp(first.plant);
    const { vm } = await produce(first.plant, ORDER);
    expect(vm.classad.Prepared).toBe(true);
    await untilWaiting(first.plant, 2);
    first.abandon();

    const { plant: second } = await rig.open({ prepare: 'none' });
    expect(second.recovery.adopted).toContain(vm.vmid);
    expect(second.recovery.waiting).toEqual([]);
    expect(second.recovery.removed).toHaveLength(2);
    const said: string[] = [];
    for await (const event of second.exec(vm.vmid, { script: 'echo here\n', timeoutSeconds: 0 }, NEVER)) {
      if (event.kind === 'output') said.push(Buffer.from(event.data).toString());
    }
    expect(said.join('')).toBe('here\n');
    for (const { vmid } of second.list(undefined)) await second.collect(vmid, NEVER);
    expect(await rig.clones()).toEqual([]);
    await second.close();
  });
});
