import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LocatedImage } from '../../../model/goldenImage.js';
import type { Progress } from '../../../model/progress.js';
import { type BakeRequest, bake } from '../../../plant/bake/bake.js';
import { bakeableOrder } from '../../../plant/bake/bakeableOrder.js';
import { bakeBase } from '../../../plant/bake/bakeBase.js';
import type { BakeParts } from '../../../plant/bake/bakeParts.js';
import { flattenArguments, renameBackingArguments } from '../../../plant/bake/qemuImg.js';
import { newScratch, removeStaleBakes } from '../../../plant/bake/scratch.js';
import type { FailAt } from '../../../plant/line/fake/failure.js';
import { createFakeLine } from '../../../plant/line/fake/line.js';
import { DEFAULT_DEADLINES } from '../../../plant/parts.js';
import { openWarehouse } from '../../../warehouse/warehouse.js';
import { makeFakeImage } from '../../conformance/fakeSubject.js';
import { createRig, fakeOrder, NEVER, produce, rememberingLog } from '../produce/rig.js';

let directory: string;
let base: LocatedImage;
const log = rememberingLog();
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bake-'));
  const assembled = await makeFakeImage(join(directory, 'assembled'));
  const { descriptor } = assembled;
  base = await bakeBase(
    partsOf(),
    {
      name: 'base',
      assembled: {
        directory: assembled.directory,
        diskFile: descriptor.disk.file,
        diskMiB: descriptor.hardware.diskMiB,
        kernelFile: descriptor.boot.kernel,
        initrdFile: descriptor.boot.initrd,
        kernelCommandLine: 'quiet',
        guestKernel: descriptor.boot.guestKernel,
        operatingSystem: { name: 'fake', version: '1' },
      },
      hardware: { vcpus: 1, memoryMiB: 256 },
      network: 'host-only',
      images: [],
    },
    () => undefined,
    NEVER,
  );
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function partsOf(failAt?: FailAt): BakeParts {
  return {
    line: createFakeLine({ timeScale: 0.01, ...(failAt === undefined ? {} : { failAt }) }),
    warehouseDirectory: join(directory),
    scratchRoot: join(directory, '.scratch'),
    toolEnvironment: { PATH: process.env.PATH ?? '' },
    deadlines: { ...DEFAULT_DEADLINES, bootMilliseconds: 5_000 },
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    random: (count) => randomBytes(count),
    log,
  };
}

const scratch = (): Promise<readonly string[]> => readdir(join(directory, '.scratch')).catch(() => []);
const published = async (): Promise<readonly string[]> =>
  (await readdir(directory)).filter((name) => !name.startsWith('.') && name !== 'assembled').sort();

const ORDER = fakeOrder(
  [
    { name: 'install', script: 'sleep 2\necho installed\n' },
    { name: 'data', host: { addDisk: { size: '16MiB' } }, after: ['install'] },
    { name: 'disc', host: { attachIso: { label: 'DISC', files: [{ path: 'a', content: 'a' }] } } },
    { name: 'user', script: 'echo me\n', parameters: { user: { identity: 'user' } }, after: ['data'] },
    { name: 'after-user', script: 'echo then\n', after: ['user'] },
  ],
  { identity: { user: 'ivan' } },
);

describe('a base image', () => {
  test('is warm, performed nothing, and its disk stands alone', async () => {
    expect(base.descriptor).toMatchObject({
      name: 'base',
      performed: [],
      memory: { memoryMiB: 256, guestKernel: '0-fake', network: 'host-only' },
      disk: { format: 'qcow2' },
    });
    expect(base.descriptor.disk.backingImage).toBeUndefined();
    expect(await scratch()).toEqual([]);
  });

  test('makes VMs without a boot', async () => {
    const rig = await createRig({ images: [base] });
    const { plant } = await rig.open();
    const { vm } = await produce(plant, fakeOrder());
    expect(vm).toMatchObject({ image: 'base', rung: 'warm' });
    expect(vm.classad.BootSeconds).toBeUndefined();
    await plant.close();
    await rig.remove();
  });
});

describe('the lines that an image serves', () => {
  const TWO = ['uml', 'fake'];

  test('are the one that froze it, and then the others of the image that it is made from', async () => {
    const both = { ...base, descriptor: { ...base.descriptor, lines: TWO } };
    const work = [{ name: 'work', script: 'echo done\n' }];
    const { image } = await bake(
      partsOf(),
      { name: 'tools', order: fakeOrder(work), images: [both] },
      () => undefined,
      NEVER,
    );
    expect(image.descriptor.lines).toEqual(['fake', 'uml']);
    // Also for an order that insists on the other line, and on a kernel of that one's.
    const insisting = fakeOrder(work, { line: 'uml', operatingSystem: { name: 'fake', kernel: '1-fake' } });
    const request = { name: 'more', order: insisting, images: [base, both] };
    const other = await bake(partsOf(), request, () => undefined, NEVER);
    expect(other.image.descriptor).toMatchObject({ lines: ['fake', 'uml'], parent: 'base' });
  });

  test('have to be there for an order that insists on one', async () => {
    const request = { name: 'tools', order: fakeOrder([], { line: 'uml' }), images: [base] };
    await expect(bake(partsOf(), request, () => undefined, NEVER)).rejects.toMatchObject({
      reason: 'NO_MATCHING_IMAGE',
    });
  });
});

describe('baking an order', () => {
  test('publishes all of it that belongs to no one VM, in the order in which it ran', async () => {
    const progress: Progress[] = [];
    const baked = await bake(
      partsOf(),
      { name: 'tools', order: ORDER, images: [base] },
      (one) => progress.push(one),
      NEVER,
    );
    expect(baked.leftOut).toEqual(['user', 'after-user']);
    const { descriptor } = baked.image;
    expect(descriptor.performed.map(({ name }) => name)).toEqual(['disc', 'install', 'data']);
    expect(descriptor.performed[1]?.seconds).toBeCloseTo(2, 1);
    expect(descriptor.devices).toMatchObject([
      { kind: 'iso', action: 'disc' },
      { kind: 'disk', action: 'data', sizeMiB: 16 },
    ]);
    expect(descriptor.disk.backingImage).toBe('base');
    expect(progress.map(({ phase }) => phase)).toEqual(
      expect.arrayContaining([
        'plan',
        'clone',
        'start',
        'renew',
        'configure',
        'rehearse',
        'settle',
        'freeze',
        'publish',
      ]),
    );
    expect(await scratch()).toEqual([]);
    // What a warehouse lets nobody see was not published.
    const warehouse = await openWarehouse({ directory, signal: NEVER, log });
    expect(warehouse.images().map((image) => image.descriptor.name)).toContain('tools');
    await warehouse.close();

    const rig = await createRig({ images: [base, baked.image] });
    const { plant } = await rig.open();
    const { vm } = await produce(plant, ORDER);
    expect(vm).toMatchObject({ image: 'tools', rung: 'warm' });
    expect(vm.classad).toMatchObject({
      ActionsPerformed: ['disc', 'install', 'data'],
      ActionsRun: ['user', 'after-user'],
    });
    await plant.close();
    await rig.remove();
  });

  test('on top of a baked image keeps what it performed, and its disk a sibling over the same base', async () => {
    const first = fakeOrder([{ name: 'one', script: 'echo 1\n' }]);
    const second = fakeOrder([
      { name: 'one', script: 'echo 1\n' },
      { name: 'two', script: 'echo 2\n', after: ['one'] },
    ]);
    const { image } = await bake(
      partsOf(),
      { name: 'one', order: first, images: [base] },
      () => undefined,
      NEVER,
    );
    const baked = await bake(
      partsOf(),
      { name: 'two', order: second, images: [base, image] },
      () => undefined,
      NEVER,
    );
    expect(baked.image.descriptor.performed.map(({ name }) => name)).toEqual(['one', 'two']);
    expect(baked.image.descriptor.disk.backingImage).toBe('base');
  });

  test('says whose the image is, where it comes from and who may use it', async () => {
    const order = fakeOrder([{ name: 'one', script: 'echo 1\n' }]);
    const run = (name: string, extra: Partial<BakeRequest>) =>
      bake(partsOf(), { name, order, images: [base], ...extra }, () => undefined, NEVER);
    const mine = await run('mine', {
      origin: 'recipe',
      owner: 'a.example',
      policy: { shared: 'disk', pinned: true },
    });
    expect(mine.image.descriptor).toMatchObject({
      origin: 'recipe',
      parent: 'base',
      owner: 'a.example',
      policy: { shared: 'disk', pinned: true },
    });
    const free = await run('free', {});
    expect(free.image.descriptor).toMatchObject({ parent: 'base' });
    for (const field of ['origin', 'owner', 'policy'])
      expect(free.image.descriptor).not.toHaveProperty(field);
  });

  test('builds for nobody and for no other domain on what belongs to one', async () => {
    const first = fakeOrder([{ name: 'one', script: 'echo 1\n' }]);
    const second = fakeOrder([
      { name: 'one', script: 'echo 1\n' },
      { name: 'two', script: 'echo 2\n' },
    ]);
    const quiet = () => undefined;
    const { image } = await bake(
      partsOf(),
      { name: 'mine', order: first, images: [base], owner: 'a.example' },
      quiet,
      NEVER,
    );
    const parentOf = async (name: string, owner?: string) => {
      const request = {
        name,
        order: second,
        images: [base, image],
        ...(owner === undefined ? {} : { owner }),
      };
      return (await bake(partsOf(), request, quiet, NEVER)).image.descriptor.parent;
    };
    expect(await parentOf('for-all')).toBe('base');
    expect(await parentOf('for-another', 'b.example')).toBe('base');
    expect(await parentOf('for-the-owner', 'a.example')).toBe('mine');
  });

  test('makes an image anew under another name where that is asked for', async () => {
    const order = fakeOrder([{ name: 'one', script: 'echo 1\n' }]);
    const request = { name: 'one', order, images: [base] };
    const { image } = await bake(partsOf(), request, () => undefined, NEVER);
    const again = { ...request, name: 'again', images: [base, image] };
    await expect(bake(partsOf(), again, () => undefined, NEVER)).rejects.toMatchObject({
      reason: 'NOTHING_TO_BAKE',
    });
    const named = await bake(partsOf(), { ...again, allowNothingNew: true }, () => undefined, NEVER);
    expect(named.image.descriptor.performed).toEqual(image.descriptor.performed);
    expect(named.image.descriptor).toMatchObject({ parent: 'one', disk: { backingImage: 'base' } });
  });

  test('publishes nothing when an action fails, though its error handler would let the order go on', async () => {
    const order = fakeOrder([{ name: 'broken', script: 'exit 4\n', onError: { then: 'continue' } }]);
    await expect(
      bake(partsOf(), { name: 'bad', order, images: [base] }, () => undefined, NEVER),
    ).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', actionFailure: { action: 'broken', status: 4 } });
    expect(await published()).toEqual(['base']);
    expect(await scratch()).toEqual([]);
  });

  test.each(['clone', 'start', 'freeze', 'silent', 'ends-at-run'] as const)(
    'leaves nothing when the machine fails: %s',
    async (failure) => {
      const parts = partsOf(() => failure);
      const quick = { ...parts, deadlines: { ...parts.deadlines, acceptMilliseconds: 50 } };
      await expect(
        bake(quick, { name: 'bad', order: ORDER, images: [base] }, () => undefined, NEVER),
      ).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      expect(await published()).toEqual(['base']);
      expect(await scratch()).toEqual([]);
    },
  );

  test('says of an action that needs its error handler that an image cannot hold it', async () => {
    const order = fakeOrder([
      { name: 'tried', script: 'exit 7\n', onError: { then: 'continue' } },
      { name: 'other', script: 'echo o\n' },
    ]);
    await expect(
      bake(partsOf(), { name: 'bad', order, images: [base] }, () => undefined, NEVER),
    ).rejects.toMatchObject({
      reason: 'ACTION_FAILED',
      actionFailure: { action: 'tried', status: 7 },
      hint: expect.stringContaining('identity: true'),
    });
    const plain = fakeOrder([{ name: 'broken', script: 'exit 7\n' }]);
    await expect(
      bake(partsOf(), { name: 'bad', order: plain, images: [base] }, () => undefined, NEVER),
    ).rejects.toMatchObject({ reason: 'ACTION_FAILED', hint: undefined });
    expect(await published()).toEqual(['base']);
  });

  test('refuses a name that is taken, an order without anything new, and one that nothing matches', async () => {
    const run = (name: string, order: typeof ORDER) =>
      bake(partsOf(), { name, order, images: [base] }, () => undefined, NEVER);
    await expect(run('base', ORDER)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await expect(run('again', fakeOrder())).rejects.toMatchObject({ reason: 'NOTHING_TO_BAKE' });
    const own = fakeOrder([
      { name: 'own', script: 'echo o\n', identity: true },
      { name: 'then', script: 'echo t\n', after: ['own'] },
    ]);
    await expect(run('own', own)).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'NOTHING_TO_BAKE',
      message: expect.stringContaining('own, then'),
    });
    const other = fakeOrder([], { operatingSystem: { name: 'plan9' } });
    await expect(run('none', other)).rejects.toMatchObject({ reason: 'NO_MATCHING_IMAGE' });
  });
});

test('what can be baked is closed downwards, whatever the order of writing', () => {
  const { order, leftOut } = bakeableOrder(
    fakeOrder([
      { name: 'last', script: 'echo l\n', after: ['middle'] },
      { name: 'middle', script: 'echo m\n', after: ['own', 'free'] },
      { name: 'own', script: 'echo o\n', identity: true },
      { name: 'free', script: 'echo f\n' },
    ]),
  );
  expect(leftOut).toEqual(['last', 'middle', 'own']);
  expect(order.dag.actions.map(({ name }) => name)).toEqual(['free']);
});

test('machines that baked for a process that is gone are removed, others are not', async () => {
  const parts = partsOf();
  const mine = await newScratch(parts.scratchRoot, parts.random);
  const { mkdir } = await import('node:fs/promises');
  await mkdir(mine);
  await mkdir(join(parts.scratchRoot, 'bake-999999999-1-00000000'));
  const removed = await removeStaleBakes(parts.scratchRoot, [parts.line], NEVER);
  expect(removed).toEqual([join(parts.scratchRoot, 'bake-999999999-1-00000000')]);
  expect(await scratch()).toHaveLength(1);
});

test('qemu-img is given whole argument vectors', () => {
  expect(renameBackingArguments('/a b/disk', '/below')).toEqual([
    'rebase',
    '-q',
    '-f',
    'qcow2',
    '-u',
    '-F',
    'qcow2',
    '-b',
    '/below',
    '/a b/disk',
  ]);
  expect(flattenArguments('/disk', '/flat')).toEqual([
    'convert',
    '-q',
    '-f',
    'qcow2',
    '-O',
    'qcow2',
    '/disk',
    '/flat',
  ]);
});
