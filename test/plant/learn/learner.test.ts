import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GoldenImage } from '../../../model/goldenImage.js';
import { removeLeftovers } from '../../../plant/bake/removeLeftovers.js';
import { evict } from '../../../plant/learn/evict.js';
import { proposedKeys } from '../../../plant/learn/proposedOrder.js';
import type { ProductionLine } from '../../../plant/line/line.js';
import { NEVER } from '../produce/rig.js';
import {
  createLearnerRig,
  type LearnerRig,
  NO_DEPENDANTS,
  type OpenedLearner,
  PLENTY,
  smallOrder,
} from './learnerRig.js';

let rig: LearnerRig;
beforeEach(async () => {
  rig = await createLearnerRig();
});
afterEach(() => rig.remove());

const INSTALL = { name: 'install', script: 'sleep 20\necho installed\n' };
const TOOLS = { name: 'tools', script: 'sleep 10\n', after: ['install'] };
/** Two kinds of order with two actions in common. */
const WEB = smallOrder([INSTALL, TOOLS, { name: 'web', script: 'echo web\n', after: ['tools'] }]);
const MAIL = smallOrder([INSTALL, TOOLS, { name: 'mail', script: 'echo mail\n', after: ['tools'] }]);
const SHARED = WEB.dag.actions.slice(0, 2).map(({ key }) => key);

const keysOf = ({ performed }: GoldenImage): readonly string[] => performed.map(({ key }) => key);
const learnedImages = ({ warehouse }: OpenedLearner): readonly GoldenImage[] =>
  warehouse
    .images()
    .map(({ descriptor }) => descriptor)
    .filter(({ origin }) => origin === 'learned');
const scratch = (): Promise<readonly string[]> => readdir(rig.parts.scratchRoot).catch(() => []);

describe('learning', () => {
  test('bakes what two kinds of order share, for the domain that ordered it', async () => {
    // Room for one image: the shared part is worth most.
    const opened = await rig.open({ budget: { ...PLENTY, images: 1 } });
    for (let times = 0; times < 3; times += 1) {
      opened.note(WEB);
      opened.note(MAIL);
    }
    opened.background.wake();
    await opened.background.settled();
    const [image, ...others] = learnedImages(opened);
    expect(others).toEqual([]);
    expect(image).toMatchObject({ origin: 'learned', parent: 'base', owner: WEB.clientDomain });
    expect(image?.name).toMatch(/^learned-[0-9a-f]{12}$/);
    expect(image?.memory).toBeDefined();
    expect(keysOf(image ?? never())).toEqual(SHARED);
    expect(await scratch()).toEqual([]);
    const report = opened.learner.report();
    expect(report).toMatchObject({
      enabled: true,
      orders: 6,
      used: { images: 1, bytes: await opened.used() },
    });
    expect(report?.decision.bake).toEqual([]);
    expect(report?.decision.keep.map(({ image: name }) => name).sort()).toEqual(['base', image?.name].sort());
  });

  test('gives way to a creation, leaves nothing, and is done afterwards', async () => {
    const opened = await rig.open({ budget: { ...PLENTY, images: 1 } });
    const cloned = new Promise<void>((resolve) => {
      const clone = rig.parts.line.clone;
      rig.parts.line.clone = async (spec, signal) => {
        await clone(spec, signal);
        rig.parts.line.clone = clone;
        opened.background.busy();
        resolve();
      };
    });
    opened.note(WEB);
    opened.note(MAIL);
    opened.background.wake();
    await cloned;
    expect(opened.learned()).toEqual([]);
    opened.background.idle();
    await opened.background.settled();
    expect(rig.log.lines.some((line) => line.startsWith('work in the background gave way'))).toBe(true);
    expect(opened.learned()).toHaveLength(1);
    expect(await scratch()).toEqual([]);
  });

  test('a dry run and a learner that is switched off change nothing', async () => {
    const opened = await rig.open({ enabled: false });
    opened.note(WEB);
    opened.note(MAIL);
    const { decision, enabled } = await opened.learner.decide(NEVER);
    expect(enabled).toBe(false);
    expect(decision.bake.length).toBeGreaterThan(0);
    opened.background.wake();
    await opened.background.settled();
    expect(opened.learned()).toEqual([]);
    expect(await readdir(rig.parts.warehouseDirectory)).toEqual(['base']);
  });

  test('a restart keeps what was ordered and what was learned', async () => {
    const first = await rig.open({ enabled: false });
    for (const order of [WEB, MAIL, WEB, MAIL]) first.note(order);
    await first.close();
    const second = await rig.open({ budget: { ...PLENTY, images: 1 } });
    await second.background.settled();
    expect(learnedImages(second).map(keysOf)).toEqual([SHARED]);
    const before = second.learned();
    await second.close();
    const third = await rig.open({ budget: { ...PLENTY, images: 1 } });
    await third.background.settled();
    expect(third.learned()).toEqual(before);
  });

  test('bakes nothing of which the work is not known any more', async () => {
    const first = await rig.open({ enabled: false });
    // That of a single order is forgotten with the process.
    first.note(WEB);
    await first.close();
    const second = await rig.open();
    second.note(WEB, { work: false });
    const { decision } = await second.learner.decide(NEVER);
    expect(decision.bake.length).toBeGreaterThan(0);
    second.background.wake();
    await second.background.settled();
    expect(second.learned()).toEqual([]);
    second.note(WEB);
    second.background.wake();
    await second.background.settled();
    expect(second.learned()).toHaveLength(1);
  });

  test('does not try for ever what fails, and bakes the rest', async () => {
    const bad = smallOrder([INSTALL, { name: 'bad', script: 'exit 3\n', after: ['install'] }]);
    const opened = await rig.open();
    opened.noteTwice(bad);
    opened.noteTwice(WEB);
    opened.background.wake();
    await opened.background.settled();
    const failures = (): number =>
      rig.log.lines.filter((line) => line.startsWith('work in the background failed')).length;
    expect(failures()).toBe(1);
    const badKey = bad.dag.actions[1]?.key ?? '';
    expect(learnedImages(opened).some((image) => keysOf(image).includes(badKey))).toBe(false);
    expect(opened.learned().length).toBeGreaterThan(0);
    opened.note(bad);
    opened.background.wake();
    await opened.background.settled();
    expect(failures()).toBe(1);
    // Later it may have been mended.
    rig.now += 60_000;
    opened.background.wake();
    await opened.background.settled();
    expect(failures()).toBe(2);
  });
});

describe('what one order alone asked for', () => {
  /** No identity action: nothing says that it holds a secret. */
  const SECRET = smallOrder([
    INSTALL,
    TOOLS,
    { name: 'secret', script: 'echo canary-5d20c7e1\n', after: ['tools'] },
  ]);
  const secretKey = SECRET.dag.actions[2]?.key ?? '';
  const settle = async ({ background }: OpenedLearner): Promise<void> => {
    background.wake();
    await background.settled();
  };

  test('is not baked before it is asked for again, also after a restart', async () => {
    const first = await rig.open();
    first.note(WEB);
    await settle(first);
    expect(first.learner.report()).toMatchObject({ orders: 1, decision: { bake: [] } });
    await first.close();
    const second = await rig.open();
    await settle(second);
    expect(second.learned()).toEqual([]);
    second.note(WEB);
    await settle(second);
    expect(learnedImages(second).map(keysOf)).toEqual([WEB.dag.actions.map(({ key }) => key)]);
  });

  test('is in no image, and in no proposal of one, whatever else its order shares', async () => {
    const remember = (opened: OpenedLearner): void => {
      opened.note(SECRET, { seconds: 600 });
      opened.note(MAIL);
      opened.noteTwice(WEB);
    };
    const planning = await rig.open({ plant: 'planning-0123456789abcdef', enabled: false });
    remember(planning);
    const { decision } = await planning.learner.decide(NEVER);
    const proposed = decision.bake.flatMap((proposal) => proposedKeys(proposal));
    expect(proposed).toEqual(expect.arrayContaining(SHARED));
    expect(proposed).not.toContain(secretKey);

    const opened = await rig.open({ plant: 'learning-0123456789abcdef' });
    remember(opened);
    await settle(opened);
    const performed = learnedImages(opened).flatMap(keysOf);
    expect(performed).toEqual(expect.arrayContaining(SHARED));
    expect(performed).not.toContain(secretKey);
    // It is no more than the rule that kept it out.
    opened.note(SECRET, { seconds: 600 });
    await settle(opened);
    expect(learnedImages(opened).flatMap(keysOf)).toContain(secretKey);
  });
});

describe('eviction', () => {
  /** One learned image, and then a budget that has no room for it any more. */
  async function learnOne(): Promise<string> {
    const first = await rig.open({ budget: { ...PLENTY, images: 1 } });
    first.noteTwice(WEB);
    first.background.wake();
    await first.background.settled();
    const [name, ...others] = first.learned();
    expect(others).toEqual([]);
    await first.close();
    return name ?? never();
  }

  test('of what the budget has no room for', async () => {
    const name = await learnOne();
    const opened = await rig.open({ budget: { bytes: 0, images: 0 } });
    await opened.background.settled();
    expect(opened.learned()).toEqual([]);
    expect(await readdir(rig.parts.warehouseDirectory)).toEqual(['base']);
    expect(
      rig.log.lines.some((line) => line.startsWith('learned image evicted') && line.includes(name)),
    ).toBe(true);
  });

  test.each(['vms', 'prepared', 'unfinished'] as const)('not while there are %s on it', async (kind) => {
    const name = await learnOne();
    rig.dependants = {
      ...NO_DEPENDANTS,
      [kind]: kind === 'unfinished' ? new Set([name]) : new Map([[name, ['vm-a']]]),
    };
    const opened = await rig.open({ budget: { bytes: 0, images: 0 } });
    await opened.background.settled();
    expect(opened.learned()).toEqual([name]);
    rig.dependants = NO_DEPENDANTS;
    opened.background.wake();
    await opened.background.settled();
    expect(opened.learned()).toEqual([]);
  });

  test('not of what is pinned, nor of what people made', async () => {
    const name = await learnOne();
    await writeFile(
      join(rig.parts.warehouseDirectory, name, 'policy.json'),
      '{"shared":"no","pinned":true}\n',
    );
    const opened = await rig.open({ budget: { bytes: 0, images: 0 } });
    await opened.background.settled();
    expect(opened.learned()).toEqual([name]);
    expect(opened.warehouse.get('base')).toBeDefined();
  });

  test('takes an image out of the planner’s sight before it is removed', async () => {
    const name = await learnOne();
    const opened = await rig.open({ budget: { bytes: 0, images: 0 }, enabled: false });
    const seen: (readonly string[])[] = [];
    opened.images.onChange(() => {
      const onDisk = opened.warehouse.get(name) !== undefined;
      if (onDisk) seen.push(opened.images.images().map(({ descriptor }) => descriptor.name));
    });
    const gone = evict(
      {
        warehouseDirectory: rig.parts.warehouseDirectory,
        images: opened.images,
        refresh: opened.warehouse.refresh,
        dependants: () => NO_DEPENDANTS,
        log: rig.log,
      },
      name,
      'for the test',
      NEVER,
    );
    // Still in the tick of the decision.
    expect(opened.images.get(name)).toBeUndefined();
    expect(seen).toEqual([['base']]);
    expect(await gone).toBe(true);
    expect(opened.warehouse.get(name)).toBeUndefined();
  });

  test('of a damaged image only after people had time for it; its room counts until then', async () => {
    const name = await learnOne();
    const opened = await rig.open({ budget: { ...PLENTY, images: 1 } });
    const disk = opened.warehouse.get(name)?.descriptor.disk.file ?? never();
    await chmod(join(rig.parts.warehouseDirectory, name, disk), 0o644);
    await writeFile(join(rig.parts.warehouseDirectory, name, disk), 'not a disk');
    await opened.warehouse.refresh();
    expect(opened.learned()).toEqual([]);
    opened.background.wake();
    await opened.background.settled();
    expect(opened.learned()).toEqual([]);
    expect(opened.learner.report()?.used.images).toBe(1);
    opened.note(WEB);
    rig.now += 3_600_000;
    opened.background.wake();
    await opened.background.settled();
    // The room is used again.
    expect(opened.learned()).toHaveLength(1);
    expect(opened.warehouse.problems()).toEqual([]);
  });
});

describe('the budget', () => {
  test('is kept at every moment, whatever is ordered', async () => {
    const sized = await rig.open();
    sized.noteTwice(WEB);
    sized.background.wake();
    await sized.background.settled();
    const one = await sized.used();
    await sized.close();
    for (const [seed, budget] of [
      [1, { bytes: Math.floor(one * 2.5), images: 100 }],
      [2, { bytes: one * 10, images: 2 }],
      [3, { bytes: one - 1, images: 100 }],
    ] as const) {
      let state = seed;
      const random = (below: number): number => {
        state = (state * 48_271) % 2_147_483_647;
        return state % below;
      };
      const opened = await rig.open({ budget });
      await opened.background.settled();
      let most = 0;
      const exceeded: string[] = [];
      const look = async (): Promise<void> => {
        const count = opened.learned().length;
        const bytes = await opened.used();
        most = Math.max(most, count);
        if (bytes > budget.bytes || count > budget.images) exceeded.push(`${count} images, ${bytes} bytes`);
      };
      const looks: Promise<void>[] = [];
      opened.warehouse.onChange(() => void looks.push(look()));
      for (let round = 0; round < 6; round += 1) {
        const recipe = Array.from({ length: 1 + random(3) }, (_, index) => ({
          name: `action-${index}`,
          script: `echo ${random(4)}\n`,
          ...(index === 0 ? {} : { after: [`action-${index - 1}`] }),
        }));
        rig.now += random(3) * 3_600_000;
        opened.noteTwice(smallOrder(recipe), { seconds: 1 + random(60) });
        opened.background.wake();
        await opened.background.settled();
        await look();
      }
      await Promise.all(looks);
      expect(exceeded).toEqual([]);
      if (seed < 3) expect(most).toBeGreaterThan(0);
      else expect(most).toBe(0);
      await opened.close();
    }
  });
});

/** The line under another version of its monitor than the one that the base was frozen under. */
const newerLine = (line: ProductionLine): ProductionLine => ({
  ...line,
  environment: { ...line.environment, vmm: 'fake 2' },
  start: async (spec, signal) => {
    const machine = await line.start(spec, signal);
    return {
      ...machine,
      freeze: async (until) => {
        const frozen = await machine.freeze(until);
        return { ...frozen, memory: { ...frozen.memory, vmm: 'fake 2' } };
      },
    };
  },
});

describe('rewarming', () => {
  test('of an image whose memory this host cannot resume, when it is used', async () => {
    const line = newerLine(rig.parts.line);
    const opened = await rig.open({ bake: { line } });
    await opened.background.settled();
    expect(opened.learned()).toEqual([]);
    opened.note(smallOrder());
    opened.background.wake();
    await opened.background.settled();
    const [name, ...others] = opened.learned();
    expect(others).toEqual([]);
    const base = opened.warehouse.get('base')?.descriptor;
    const made = opened.warehouse.get(name ?? never())?.descriptor;
    expect(made).toMatchObject({ origin: 'rewarmed', parent: 'base', performed: [] });
    expect(made?.owner).toBe(base?.owner);
    expect(made?.disk.backingImage).toBe('base');
    expect(made?.memory?.vmm).toBe('fake 2');
  });

  test('of an image whose clone failed, once, also after a restart', async () => {
    const first = await rig.open();
    first.note(smallOrder());
    first.learner.rungFailed('base', 'disk');
    first.background.wake();
    await first.background.settled();
    expect(first.learned()).toEqual([]);
    first.learner.rungFailed('base', 'warm');
    first.background.wake();
    await first.background.settled();
    const made = first.learned();
    expect(made).toHaveLength(1);
    await first.close();
    const second = await rig.open();
    second.note(smallOrder());
    second.background.wake();
    await second.background.settled();
    expect(second.learned()).toEqual(made);
  });

  test('nothing that the budget has no room for', async () => {
    const opened = await rig.open({ budget: { ...PLENTY, images: 0 } });
    opened.note(smallOrder());
    opened.learner.rungFailed('base', 'warm');
    opened.background.wake();
    await opened.background.settled();
    expect(opened.learned()).toEqual([]);
  });
});

describe('several plants on one warehouse', () => {
  const NORTH = 'north-0123456789abcdef';
  const SOUTH = 'south-0123456789abcdef';
  const ONE_IMAGE = { ...PLENTY, images: 1 };

  async function settle(opened: OpenedLearner): Promise<void> {
    opened.background.wake();
    await opened.background.settled();
  }

  const failures = (): readonly string[] =>
    rig.log.lines.filter((line) => line.startsWith('work in the background failed'));

  test('each learns from its own orders, within a budget of its own, and leaves alone what the other made', async () => {
    const north = await rig.open({ plant: NORTH, budget: ONE_IMAGE });
    north.noteTwice(WEB);
    await settle(north);
    const [ofNorth = never()] = north.learned();
    expect(north.warehouse.get(ofNorth)?.descriptor.madeBy).toBe(NORTH);

    const south = await rig.open({ plant: SOUTH, budget: ONE_IMAGE });
    south.noteTwice(MAIL);
    await settle(south);
    const [ofSouth = never(), ...more] = south.learned().filter((name) => name !== ofNorth);
    expect(more).toEqual([]);
    expect(south.warehouse.get(ofSouth)?.descriptor.madeBy).toBe(SOUTH);
    expect(south.learner.report()).toMatchObject({ used: { images: 1 }, decision: { evict: [] } });
    expect(south.learner.report()?.decision.keep).toContainEqual({
      image: ofNorth,
      reason: 'learned by the plant north',
    });
    await south.close();

    // Room for nothing: what it made goes, and nothing else.
    const poor = await rig.open({ plant: SOUTH, budget: { bytes: 0, images: 0 } });
    await settle(poor);
    expect(poor.learned()).toEqual([ofNorth]);
    expect(poor.learner.report()?.used).toEqual({ bytes: 0, images: 0 });
    await poor.close();
    // Neither does one that has no id, whose images name no plant.
    const alone = await rig.open({ budget: { bytes: 0, images: 0 } });
    await settle(alone);
    expect(alone.learned()).toEqual([ofNorth]);
  });

  test('a damaged image of another one is not removed, and takes no room', async () => {
    const north = await rig.open({ plant: NORTH, budget: ONE_IMAGE });
    north.noteTwice(WEB);
    await settle(north);
    const [name = never()] = north.learned();
    await north.close();
    const south = await rig.open({ plant: SOUTH });
    const disk = join(
      rig.parts.warehouseDirectory,
      name,
      south.warehouse.get(name)?.descriptor.disk.file ?? never(),
    );
    await chmod(disk, 0o644);
    await writeFile(disk, 'not a disk');
    await south.warehouse.refresh();
    await settle(south);
    rig.now += 24 * 3_600_000;
    south.noteTwice(MAIL);
    await settle(south);
    expect(south.learned()).toHaveLength(1);
    expect(south.learner.report()?.used.images).toBe(1);
    expect(south.warehouse.problems().map((problem) => problem.name)).toEqual([name]);
  });

  test('what another one has made meanwhile is done, and nothing goes for it', async () => {
    // Something of its own, which would have to go for what comes.
    const before = await rig.open({ plant: SOUTH, budget: ONE_IMAGE });
    before.noteTwice(MAIL);
    await settle(before);
    const [own = never()] = before.learned();
    await before.close();

    const north = await rig.open({ plant: NORTH, enabled: true });
    const { line } = rig.parts;
    const south = await rig.open({
      plant: SOUTH,
      budget: ONE_IMAGE,
      bake: {
        line: {
          ...line,
          clone: async (spec, signal) => {
            north.noteTwice(WEB);
            await settle(north);
            await line.clone(spec, signal);
          },
        },
      },
    });
    for (let times = 0; times < 9; times += 1) south.note(WEB);
    await settle(south);
    const made = south.learned().filter((name) => name !== own);
    expect(made).toHaveLength(1);
    expect(south.learned()).toContain(own);
    expect(south.warehouse.get(made[0] ?? never())?.descriptor.madeBy).toBe(NORTH);
    expect(failures()).toEqual([]);
    expect(rig.log.lines.filter((line) => line.includes('is there already'))).toHaveLength(1);
    // It counts, and there is nothing left to do, also when failures may be tried again.
    rig.now += 24 * 3_600_000;
    await settle(south);
    expect(south.learner.report()?.decision).toMatchObject({ bake: [], evict: [] });
    expect(await scratch()).toEqual([]);
  });

  test('an image of another one that this host cannot resume gets a companion, and stays', async () => {
    const north = await rig.open({ plant: NORTH, budget: ONE_IMAGE });
    north.noteTwice(WEB);
    await settle(north);
    const [name = never()] = north.learned();
    await north.close();
    const south = await rig.open({ plant: SOUTH, bake: { line: newerLine(rig.parts.line) } });
    south.note(WEB, { image: name });
    await settle(south);
    const made = south.warehouse
      .images()
      .map(({ descriptor }) => descriptor)
      .filter(({ madeBy }) => madeBy === SOUTH);
    expect(south.learned()).toContain(name);
    expect(made.map(({ origin, parent }) => ({ origin, parent }))).toContainEqual({
      origin: 'rewarmed',
      parent: name,
    });
    expect(failures()).toEqual([]);
  });
});

test('nothing is learned where no line can freeze a machine, and the report says why', async () => {
  const opened = await rig.open({ unable: 'no line can' });
  for (let times = 0; times < 3; times += 1) opened.note(WEB);
  opened.background.wake();
  await opened.background.settled();
  expect(learnedImages(opened)).toEqual([]);
  const report = await opened.learner.decide(NEVER);
  expect(report).toMatchObject({ enabled: false, unable: 'no line can', orders: 3, decision: { bake: [] } });
});

test('what dead processes left is removed at a start', async () => {
  const { warehouseDirectory, scratchRoot } = rig.parts;
  const stale = join(scratchRoot, 'bake-999999999-1-00000000');
  await mkdir(stale, { recursive: true });
  const removed = await removeLeftovers({ ...rig.parts, lines: [rig.parts.line] }, NEVER);
  expect(removed).toEqual([stale]);
  expect(await scratch()).toEqual([]);
  expect(await readdir(warehouseDirectory)).toEqual(['base']);
});

function never(): never {
  throw new Error('expected something, found nothing');
}
