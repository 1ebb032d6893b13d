import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { collectGarbage } from '../../warehouse/gc.js';
import { removeImage } from '../../warehouse/remove.js';
import { surveyWarehouse } from '../../warehouse/survey.js';
import { verifyImage } from '../../warehouse/verify.js';
import { openWarehouse, type Warehouse } from '../../warehouse/warehouse.js';
import {
  flipBit,
  published,
  temporaryDirectory,
  unaborted,
  unpublished,
  unpublishedOver,
} from './imageFixture.js';

const run = promisify(execFile);
const signal = unaborted();
const log = { info: () => undefined, warn: () => undefined };

async function opened(directory: string): Promise<Warehouse> {
  const warehouse = await openWarehouse({ directory, signal, log });
  onTestFinished(() => warehouse.close());
  return warehouse;
}

const names = (warehouse: Warehouse) => warehouse.images().map(({ descriptor }) => descriptor.name);
const reasons = (warehouse: Warehouse) =>
  warehouse.problems().map(({ name, error }) => `${name}: ${error.reason}`);

/** Resolves when the warehouse has told of this state. */
async function until(warehouse: Warehouse, holds: () => boolean): Promise<void> {
  await new Promise<void>((resolve) => {
    const look = () => {
      if (!holds()) return;
      unsubscribe();
      resolve();
    };
    const unsubscribe = warehouse.onChange(look);
    look();
  });
}

/** Two siblings over one base, and one image that stands alone. */
async function family(): Promise<string> {
  const directory = await temporaryDirectory();
  await published(directory, unpublished('alone'));
  await published(directory, unpublished('base'));
  await published(directory, unpublishedOver('one', 'base'));
  await published(directory, unpublishedOver('two', 'base'));
  return directory;
}

const ALL = ['alone', 'base', 'one', 'two'];
const SPOILED_BASE = ['base: DIGEST_MISMATCH', 'one: BASE_UNUSABLE', 'two: BASE_UNUSABLE'];
/** Beyond the header of the disk, which would be found without a digest. */
const POSITION = { 'disk.qcow2': 200_000, memory: 1_000_000, 'device-state': 3 } as const;
const FILES = ['disk.qcow2', 'memory', 'device-state'] as const;

describe('a flipped bit', () => {
  it.each(FILES)('in the %s of an image takes it, and nothing else, out of use', async (file) => {
    const directory = await family();
    const warehouse = await opened(directory);
    expect(names(warehouse)).toEqual(ALL);
    await flipBit(join(directory, 'one', file), POSITION[file]);
    await warehouse.refresh();
    expect(names(warehouse)).toEqual(['alone', 'base', 'two']);
    expect(reasons(warehouse)).toEqual(['one: DIGEST_MISMATCH']);
    expect(warehouse.get('one')).toBeUndefined();
  });

  it.each(FILES)('in the %s of a base takes all that hangs on it out of use as well', async (file) => {
    const directory = await family();
    const warehouse = await opened(directory);
    await flipBit(join(directory, 'base', file), POSITION[file]);
    await until(warehouse, () => names(warehouse).join() === 'alone');
    await warehouse.refresh();
    expect(reasons(warehouse)).toEqual(SPOILED_BASE);
    expect(warehouse.problems()[1]?.error.message).toMatch(/^one: its disk hangs on base, .* SHA-256/);

    // A restart finds it again.
    await warehouse.close();
    const again = await opened(directory);
    expect(names(again)).toEqual(['alone']);
    expect(reasons(again)).toEqual(SPOILED_BASE);

    // The right bytes bring all of it back.
    await flipBit(join(directory, 'base', file), POSITION[file]);
    await until(again, () => names(again).join() === ALL.join());
    expect(again.problems()).toEqual([]);
  });

  it.each(FILES)('in %s, made while nobody watched, is found before the first use', async (file) => {
    const directory = await family();
    await flipBit(join(directory, 'base', file), POSITION[file]);
    const warehouse = await opened(directory);
    expect(names(warehouse)).toEqual(['alone']);
    expect(reasons(warehouse)).toEqual(SPOILED_BASE);
  });

  it.each(FILES)('in the %s, made a moment ago, is found by whoever is about to clone', async (file) => {
    const directory = await family();
    const warehouse = await opened(directory);
    const image = (name: string) => {
      const found = warehouse.get(name);
      if (found === undefined) throw new Error(`expected the image ${name}`);
      return found;
    };
    const [alone, one, two] = [image('alone'), image('one'), image('two')];
    expect(await Promise.all([alone, one, two].map(warehouse.confirm))).toEqual([true, true, true]);
    await flipBit(join(directory, 'one', file), POSITION[file]);
    expect(await warehouse.confirm(one)).toBe(false);
    expect(names(warehouse)).toEqual(['alone', 'base', 'two']);
    await flipBit(join(directory, 'base', file), POSITION[file]);
    expect(await warehouse.confirm(two)).toBe(false);
    expect(names(warehouse)).toEqual(['alone']);
    expect(await warehouse.confirm(alone)).toBe(true);
    // What lies elsewhere is not this warehouse's to know.
    expect(await warehouse.confirm({ ...one, directory: join(directory, 'one', 'copy') })).toBe(true);
    await warehouse.refresh();
    expect(reasons(warehouse)).toEqual([
      'base: DIGEST_MISMATCH',
      'one: DIGEST_MISMATCH',
      'two: BASE_UNUSABLE',
    ]);
  });

  it('that no write made is found by verify, and then by whoever uses the image', async () => {
    const directory = await family();
    const memory = join(directory, 'one', 'memory');
    await decay(directory, 'one');
    const warehouse = await opened(directory);
    // Nothing says so yet: this is what verifying is for.
    expect(names(warehouse)).toEqual(ALL);
    const before = await lstat(memory, { bigint: true });
    expect(await verifyImage(join(directory, 'one'), signal)).toMatchObject({ good: false });
    const after = await lstat(memory, { bigint: true });
    expect([after.mtimeNs, after.mode, after.size]).toEqual([before.mtimeNs, before.mode, before.size]);
    await until(warehouse, () => names(warehouse).join() === 'alone,base,two');
    await warehouse.refresh();
    expect(reasons(warehouse)).toEqual(['one: DIGEST_MISMATCH']);
    await warehouse.close();
    expect(reasons(await opened(directory))).toEqual(['one: DIGEST_MISMATCH']);
  });

  it('shows in the survey, without a plant', async () => {
    const directory = await family();
    await flipBit(join(directory, 'base', 'memory'), 5);
    const survey = await surveyWarehouse(directory, signal);
    expect(survey.images.map(({ image, state }) => `${image.name}: ${state}`)).toEqual([
      'alone: usable',
      'base: quarantined',
      'one: quarantined',
      'two: quarantined',
    ]);
    expect(survey.problems.map(({ name, error }) => `${name}: ${error.reason}`)).toEqual(SPOILED_BASE);
    expect(survey.problems[0]?.error.message).toMatch(/base\/memory: expected the SHA-256 .*; found /);
  });
});

describe('a publication that dies', () => {
  it.each(['checked', 'digested', 'described'])(
    'at %s is invisible; gc lists it without touching it, and then removes it',
    async (step) => {
      const directory = await temporaryDirectory();
      const warehouse = await opened(directory);
      const program = [
        '--import',
        'tsx',
        join(import.meta.dirname, 'publishAndDie.ts'),
        directory,
        'a',
        step,
      ];
      const child = spawn(process.execPath, program, { stdio: ['ignore', 'ignore', 'inherit'] });
      expect((await once(child, 'exit'))[1]).toBe('SIGKILL');
      await warehouse.refresh();
      expect([...names(warehouse), ...warehouse.problems()]).toEqual([]);
      const [left = ''] = await readdir(directory);
      const found = [{ path: left, kind: 'staging', removable: true }];
      const gc = (dryRun: boolean) =>
        collectGarbage({ warehouse: directory, dryRun, now: Date.now(), signal });
      expect(await gc(true)).toEqual(found);
      expect(await readdir(directory)).toEqual([left]);
      expect(await gc(false)).toEqual(found);
      expect(await readdir(directory)).toEqual([]);
    },
  );
});

describe('a removal', () => {
  it('is refused while VMs and prepared machines live on the image, naming them, and while others hang on it', async () => {
    const directory = await family();
    const inUse = () => new Map([['one', ['vm-a', 'prepared-b']]]);
    const remove = (name: string) => removeImage({ warehouse: directory, name, inUse, signal });
    await expect(remove('one')).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'IMAGE_IN_USE',
      message: expect.stringContaining('vm-a, prepared-b'),
    });
    await expect(remove('base')).rejects.toMatchObject({
      reason: 'IMAGE_BACKS_OTHERS',
      message: expect.stringContaining('one, two'),
    });
    expect(names(await opened(directory))).toEqual(ALL);
  });
});

describe('what an image takes', () => {
  it('is what du says of its own files, and of the disk that it hangs on', async () => {
    const directory = await family();
    const du = async (...paths: string[]) => {
      const { stdout } = await run('du', ['-s', '-c', '--block-size=1', ...paths]);
      return Number(stdout.trim().split('\n').at(-1)?.split('\t')[0]);
    };
    const survey = await surveyWarehouse(directory, signal);
    for (const { image, usage } of survey.images) {
      const own = (await readdir(join(directory, image.name))).map((file) =>
        join(directory, image.name, file),
      );
      expect(usage.uniqueBytes).toBe(await du(...own));
      const shared = image.disk.backingImage === undefined ? 0 : await du(join(directory, 'base/disk.qcow2'));
      expect(usage.sharedBytes).toBe(shared);
    }
    const sum = survey.images.reduce((total, { usage }) => total + usage.uniqueBytes, 0);
    // Two siblings hang on one disk: it is counted once, and it is the base's own.
    expect(survey.totals).toEqual({
      uniqueBytes: sum,
      sharedBytes: await du(join(directory, 'base/disk.qcow2')),
    });
  });

  it('does not count holes, and counts nothing shared where the base is gone', async () => {
    const directory = await family();
    const sparse = unpublished('sparse');
    const located = await published(directory, sparse);
    await rm(join(located.directory, 'memory'));
    await writeFile(join(located.directory, 'memory'), '');
    await run('truncate', ['-s', '2M', join(located.directory, 'memory')]);
    await rm(join(directory, 'base'), { recursive: true });
    const survey = await surveyWarehouse(directory, signal);
    const usage = (name: string) => survey.images.find(({ image }) => image.name === name)?.usage;
    expect(usage('sparse')?.uniqueBytes).toBeLessThan(2 ** 21);
    expect(usage('alone')?.uniqueBytes).toBeGreaterThan(2 ** 21);
    expect(usage('one')?.sharedBytes).toBe(0);
    expect(survey.totals.sharedBytes).toBe(0);
  });
});

/** As if the medium had changed a bit of the memory by itself: what is known of the files does not tell. */
async function decay(directory: string, name: string): Promise<void> {
  const memory = join(directory, name, 'memory');
  await flipBit(memory, 4_711);
  const { ino, size, mtimeNs, ctimeNs } = await lstat(memory, { bigint: true });
  const stampFile = join(directory, name, '.verified.json');
  const text = await readFile(stampFile, 'utf8');
  const stamp: { files: { path: string; identity: string }[] } = JSON.parse(text);
  const files = stamp.files.map((file) =>
    file.path === 'memory' ? { ...file, identity: `${ino}:${size}:${mtimeNs}:${ctimeNs}` } : file,
  );
  await writeFile(stampFile, JSON.stringify({ files }));
}
