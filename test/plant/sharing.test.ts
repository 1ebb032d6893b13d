import { randomBytes } from 'node:crypto';
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Order } from '../../model/order.js';
import { bake } from '../../plant/bake/bake.js';
import { openInformationSystem } from '../../plant/info/informationSystem.js';
import type { LearningBudget } from '../../plant/learn/decide/learning.js';
import { createFakeLine } from '../../plant/line/fake/line.js';
import { type CrashPoint, DEFAULT_LIMITS, NO_CRASH } from '../../plant/parts.js';
import { DEFAULT_COST_MODELS } from '../../plant/planner/cost.js';
import { createPlant, type Plant } from '../../plant/plant.js';
import { removeImage } from '../../warehouse/remove.js';
import { setPolicy } from '../../warehouse/setPolicy.js';
import { openWarehouse } from '../../warehouse/warehouse.js';
import { createLearnerRig, type LearnerRig, PLENTY, smallOrder } from './learn/learnerRig.js';
import { NEVER, produce, type RememberingLog, rememberingLog } from './produce/rig.js';

const WEB = smallOrder([{ name: 'web', script: 'echo web\n' }]);
const NOTHING: LearningBudget = { bytes: 0, images: 0 };
const LEARNED = 'learned-by-one';
const idOf = (name: string): string => `${name}-${'0'.repeat(16)}`;
const HOUR = 3_600_000;

interface OpenedPlant {
  readonly plant: Plant;
  readonly id: string;
  readonly log: RememberingLog;
  /** Collects its VMs and ends it; nothing where it has ended. */
  readonly close: () => Promise<void>;
  /** Ends it and leaves its VMs. */
  readonly leave: () => Promise<void>;
}

let rig: LearnerRig;
let opened: OpenedPlant[];
beforeEach(async () => {
  rig = await createLearnerRig();
  opened = [];
  await bakeLearned(WEB);
});
afterEach(async () => {
  for (const { close } of opened) await close();
  await rig.remove();
});

/** An image that the learner of plant `one` has made of the order. */
async function bakeLearned(order: Order): Promise<void> {
  const warehouse = await openWarehouse({
    directory: rig.parts.warehouseDirectory,
    signal: NEVER,
    log: rig.log,
  });
  const { clientDomain } = order;
  const request = {
    name: LEARNED,
    order,
    images: warehouse.images(),
    origin: 'learned',
    madeBy: idOf('one'),
  } as const;
  await bake(rig.parts, { ...request, owner: clientDomain }, () => undefined, NEVER);
  await warehouse.close();
}

/** A plant with a data directory of its own on the one warehouse. */
async function open(
  name: string,
  options: {
    readonly budget?: LearningBudget;
    readonly renewMilliseconds?: number;
    readonly crashPoint?: CrashPoint;
  } = {},
): Promise<OpenedPlant> {
  const log = rememberingLog();
  const { clock, warehouseDirectory, toolEnvironment, deadlines } = rig.parts;
  const warehouse = await openWarehouse({ directory: warehouseDirectory, signal: NEVER, log });
  const data = join(rig.directory, name);
  const info = openInformationSystem({ directory: data, clock, log });
  const id = idOf(name);
  const plant = await createPlant({
    name,
    lines: [createFakeLine({ timeScale: 0 })],
    warehouse,
    info,
    cloneRoot: join(data, 'clones'),
    limits: { ...DEFAULT_LIMITS, memoryMiB: 16_384 },
    deadlines,
    clock,
    random: (count) => randomBytes(count),
    log,
    crashPoint: options.crashPoint ?? NO_CRASH,
    costModels: DEFAULT_COST_MODELS,
    making: {
      warehouseDirectory,
      scratchRoot: join(data, 'bake'),
      toolEnvironment,
      refresh: () => warehouse.refresh(),
      problems: () => warehouse.problems(),
      learning: { enabled: true, budget: options.budget ?? PLENTY, decideEveryMilliseconds: 0 },
    },
    shared: {
      directory: warehouseDirectory,
      plant: id,
      renewMilliseconds: options.renewMilliseconds ?? 10,
    },
    monitor: { intervalMilliseconds: HOUR, answerMilliseconds: 500 },
    background: { quietMilliseconds: 1, everyMilliseconds: 20 },
  });
  let closed = false;
  const leave = async (): Promise<void> => {
    closed = true;
    await plant.close();
    await warehouse.close();
  };
  const close = async (): Promise<void> => {
    if (closed) return;
    for (const { vmid } of plant.list(undefined)) await plant.collect(vmid, NEVER);
    await leave();
  };
  const one = { plant, id, log, close, leave };
  opened.push(one);
  return one;
}

const setPinned = async (pinned: boolean): Promise<void> => {
  const { warehouseDirectory: warehouse, clock } = rig.parts;
  await setPolicy({ warehouse, name: LEARNED, pinned, now: clock.now, signal: NEVER });
};
const images = async (): Promise<readonly string[]> =>
  (await readdir(rig.parts.warehouseDirectory)).filter((name) => !name.startsWith('.'));
const removeLearned = (): Promise<void> =>
  removeImage({
    warehouse: rig.parts.warehouseDirectory,
    name: LEARNED,
    inUse: () => new Map(),
    signal: NEVER,
  });

test('one plant evicts no image that another uses, and does as soon as it is not used any more', async () => {
  const two = await open('two');
  const { vm } = await produce(two.plant, WEB);
  expect(vm.image).toBe(LEARNED);
  const one = await open('one', { budget: NOTHING });
  await expect(removeLearned()).rejects.toThrowError(`the plant ${two.id} (${vm.vmid})`);

  const waiting = await one.plant.learn({ dryRun: false });
  expect(waiting).toMatchObject({ enabled: true, used: { images: 1 }, budget: NOTHING });
  expect(waiting.decision.evict).toEqual([]);
  expect(waiting.decision.keep).toContainEqual({
    image: LEARNED,
    reason: expect.stringContaining('other plants use it'),
  });
  expect(await images()).toEqual(['base', LEARNED]);

  await two.close();
  // Now it is free, and there is no room for it.
  await vi.waitFor(async () => expect(await images()).toEqual(['base']), { timeout: 20_000 });
  await one.close();
  expect(await readdir(join(rig.parts.warehouseDirectory, '.users'))).toEqual([]);
}, 60_000);

test('one plant evicts nothing that another made, and each learns within a budget of its own', async () => {
  const one = await open('one', { budget: { ...PLENTY, images: 1 } });
  const two = await open('two', { budget: { ...PLENTY, images: 1 } });
  const mail = smallOrder([{ name: 'mail', script: 'sleep 20\n' }]);
  await two.plant.collect((await produce(two.plant, mail)).vm.vmid, NEVER);
  await two.plant.collect((await produce(two.plant, mail)).vm.vmid, NEVER);
  const ofTwo = async (): Promise<string | undefined> =>
    (await images()).find((name) => name !== 'base' && name !== LEARNED);
  await vi.waitFor(async () => expect(await ofTwo()).toMatch(/^learned-[0-9a-f]{12}$/), { timeout: 20_000 });
  const image = (await ofTwo()) ?? '';
  for (const [plant, mine, theirs, other] of [
    [one.plant, LEARNED, image, 'two'],
    [two.plant, image, LEARNED, 'one'],
  ] as const) {
    await vi.waitFor(async () => {
      const { enabled, used, decision } = await plant.learn({ dryRun: true });
      expect({ enabled, images: used.images, evict: decision.evict }).toEqual({
        enabled: true,
        images: 1,
        evict: [],
      });
      expect(decision.keep).toContainEqual({
        image: theirs,
        reason: expect.stringMatching(`^learned by the plant ${other}\\b`),
      });
      expect(decision.keep.map((kept) => kept.image)).toContain(mine);
    });
  }
  await two.close();
  const poor = await open('two', { budget: NOTHING });
  await vi.waitFor(async () => expect(await images()).toEqual(['base', LEARNED]), { timeout: 20_000 });
  expect((await poor.plant.learn({ dryRun: true })).decision.evict).toEqual([]);
}, 60_000);

test('a plant whose news of the others are old is refused the eviction all the same', async () => {
  await setPinned(true);
  // It has no room for the image, and never hears again of what others do.
  const one = await open('one', { budget: NOTHING, renewMilliseconds: HOUR });
  expect(await one.plant.learn({ dryRun: true })).toMatchObject({ enabled: true });
  const two = await open('two', { renewMilliseconds: HOUR });
  const { vm } = await produce(two.plant, WEB);
  await setPinned(false);
  await vi.waitFor(() => expect(one.log.lines.join('\n')).toContain('IMAGE_IN_USE'), { timeout: 20_000 });
  expect(one.log.lines.join('\n')).toContain(`evicting ${LEARNED}`);
  expect(await images()).toEqual(['base', LEARNED]);
  expect(two.plant.query(vm.vmid).state).toBe('running');
}, 60_000);

test('what a plant uses stays said while it is away', async () => {
  const one = await open('one');
  const { vm } = await produce(one.plant, WEB);
  await one.leave();
  await expect(removeLearned()).rejects.toThrowError(vm.vmid);
  const again = await open('one');
  await expect(removeLearned()).rejects.toThrowError(vm.vmid);
  await again.close();
  await removeLearned();
  expect(await images()).toEqual(['base']);
}, 60_000);

test('an order is planned anew when its image goes just before it is said that it is used', async () => {
  const image = join(rig.parts.warehouseDirectory, LEARNED);
  const aside = join(rig.parts.warehouseDirectory, '.aside');
  let before: () => Promise<void> = () => rename(image, aside);
  const one = await open('one', {
    renewMilliseconds: HOUR,
    // The order has its place and its plan, and nothing is cloned yet.
    crashPoint: async (point) => {
      if (point === 'reserve:done') await before();
    },
  });
  const { vm } = await produce(one.plant, WEB);
  expect(vm.image).toBe('base');
  const failures = one.log.lines.filter((line) => line.includes('could not be used'));
  expect(failures).toHaveLength(1);
  expect(failures[0]).toContain(`golden image ${LEARNED} is no longer there`);

  // That was no failure of the image.
  before = async () => undefined;
  await rename(aside, image);
  await vi.waitFor(() => expect(one.plant.images().map(({ name }) => name)).toContain(LEARNED));
  expect((await produce(one.plant, WEB)).vm).toMatchObject({ image: LEARNED, rung: 'warm' });
}, 60_000);
