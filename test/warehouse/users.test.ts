import { access, link, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collectGarbage, SILENT_MILLISECONDS } from '../../warehouse/gc.js';
import { removeImage } from '../../warehouse/remove.js';
import {
  openUserRegister,
  STAYS_LISTED_MILLISECONDS,
  type UserRegister,
} from '../../warehouse/userRegister.js';
import { readUsers, usedElsewhere } from '../../warehouse/users.js';
import { entryText, MAX_ENTRY_BYTES, parseEntry } from '../../warehouse/usersEntry.js';
import { published, temporaryDirectory, unaborted, unpublished } from './imageFixture.js';

const signal = unaborted();
const NORTH = `north-${'1'.repeat(16)}`;
const SOUTH = `south-${'2'.repeat(16)}`;
const NOBODY: ReadonlyMap<string, readonly string[]> = new Map();
const START = Date.parse('2026-03-01T00:00:00Z');

interface Rig {
  readonly warehouse: string;
  readonly file: string;
  /** What uses images, as the test has it. */
  users: ReadonlyMap<string, readonly string[]>;
  now: number;
  readonly warnings: string[];
  readonly open: (keepListed?: boolean) => Promise<UserRegister>;
  /** What is listed of which image. */
  readonly listed: () => Promise<Readonly<Record<string, readonly string[]>>>;
}

async function createRig(plant = NORTH): Promise<Rig> {
  const warehouse = await temporaryDirectory();
  const rig: Rig = {
    warehouse,
    file: join(warehouse, '.users', `${plant}.json`),
    users: NOBODY,
    now: START,
    warnings: [],
    open: (keepListed = false) =>
      openUserRegister({
        warehouse,
        plant,
        users: () => rig.users,
        keepListed,
        clock: { now: () => rig.now, monotonic: () => rig.now },
        log: { info: () => undefined, warn: (_fields, message) => rig.warnings.push(message) },
      }),
    listed: async () => {
      const { entries, problems } = await readUsers(warehouse);
      expect(problems).toEqual([]);
      return Object.fromEntries(entries.flatMap(({ images }) => [...images]));
    },
  };
  return rig;
}

const remove = (warehouse: string, name: string, plant?: string): Promise<void> =>
  removeImage({ warehouse, name, inUse: () => NOBODY, plant, signal });

describe('the register of a plant', () => {
  it('lists an image before it is used, and writes nothing when it is listed', async () => {
    const rig = await createRig();
    const register = await rig.open();
    rig.users = new Map([['a', ['vm-1']]]);
    expect(await register.use('a')).toBe(true);
    expect(await rig.listed()).toEqual({ a: ['vm-1'] });
    const before = await readFile(rig.file, 'utf8');
    rig.users = new Map([['a', ['vm-1', 'vm-2']]]);
    expect(await register.use('a')).toBe(false);
    expect(await readFile(rig.file, 'utf8')).toBe(before);
    await register.renew();
    expect(await rig.listed()).toEqual({ a: ['vm-1', 'vm-2'] });
    expect(await readdir(join(rig.warehouse, '.users'))).toEqual([`${NORTH}.json`]);
  });

  it('keeps an image for some minutes after its last use, and writes again when it is used after that', async () => {
    const rig = await createRig();
    const register = await rig.open();
    await register.use('a');
    rig.now += STAYS_LISTED_MILLISECONDS - 1;
    await register.renew();
    expect(await rig.listed()).toEqual({ a: [] });
    rig.now += 1;
    await register.renew();
    expect(await rig.listed()).toEqual({});
    expect(await register.use('a')).toBe(true);
    expect(await rig.listed()).toEqual({ a: [] });
  });

  it('lists an image that is used while the write goes on that leaves it out', async () => {
    const rig = await createRig();
    const register = await rig.open();
    for (let round = 0; round < 20; round += 1) {
      await register.use('a');
      rig.now += STAYS_LISTED_MILLISECONDS;
      const renewed = register.renew();
      for (let turn = 0; turn < round; turn += 1) await Promise.resolve();
      await register.use('a');
      expect(Object.keys(await rig.listed())).toContain('a');
      await renewed;
      expect(Object.keys(await rig.listed())).toContain('a');
    }
  });

  it('lists all of many images that are used at once', async () => {
    const rig = await createRig();
    const register = await rig.open();
    const images = Array.from({ length: 40 }, (_, at) => `image-${at}`);
    await Promise.all(
      images.map(async (image) => {
        await register.use(image);
        expect(Object.keys(await rig.listed())).toContain(image);
      }),
    );
    expect(Object.keys(await rig.listed()).sort()).toEqual([...images].sort());
  });

  it('lists exactly what is used when it is closed, and leaves nothing where that is nothing', async () => {
    const rig = await createRig();
    rig.users = new Map([['b', ['vm-2']]]);
    const register = await rig.open();
    await register.use('a');
    await register.close();
    expect(await rig.listed()).toEqual({ b: ['vm-2'] });
    rig.users = NOBODY;
    const again = await rig.open();
    expect(await rig.listed()).toEqual({});
    await again.close();
    expect(await readdir(join(rig.warehouse, '.users'))).toEqual([]);
  });

  it('keeps what was listed where records may have been lost', async () => {
    const rig = await createRig();
    rig.users = new Map([['a', ['vm-1']]]);
    await (await rig.open()).renew();
    rig.users = new Map([['b', ['vm-2']]]);
    const register = await rig.open(true);
    expect(await rig.listed()).toEqual({ a: ['vm-1'], b: ['vm-2'] });
    await register.close();
    expect(await rig.listed()).toEqual({ a: ['vm-1'], b: ['vm-2'] });
  });

  it('is written again when somebody has deleted it, and shows now and then that the plant is alive', async () => {
    const rig = await createRig();
    rig.users = new Map([['a', ['vm-1']]]);
    const register = await rig.open();
    await rm(rig.file);
    await register.renew();
    expect(await rig.listed()).toEqual({ a: ['vm-1'] });
    rig.now += 3_600_000;
    await register.renew();
    expect((await readUsers(rig.warehouse)).entries).toMatchObject([{ plant: NORTH, seen: rig.now }]);
  });

  it('replaces what a crash left half-written', async () => {
    const rig = await createRig();
    await mkdir(join(rig.warehouse, '.users'));
    await writeFile(join(rig.warehouse, '.users', `.${NORTH}.json.tmp`), '{"pla');
    await writeFile(rig.file, '{"pla');
    await rig.open();
    expect(await rig.listed()).toEqual({});
    expect(rig.warnings).toEqual([]);
  });

  it('does not keep a plant from starting where it cannot be written, but an image from being used', async () => {
    const rig = await createRig();
    await writeFile(join(rig.warehouse, '.users'), 'no directory');
    const register = await rig.open();
    expect(rig.warnings).toEqual(['what the plant uses could not be said in the warehouse']);
    await expect(register.use('a')).rejects.toThrowError();
    await rm(join(rig.warehouse, '.users'));
    expect(await register.use('a')).toBe(true);
    expect(await rig.listed()).toEqual({ a: [] });
  });

  it('names some users of an image, and none where they are too many for the file', () => {
    const many = Array.from({ length: 50 }, (_, at) => `vm-${at}`);
    const text = entryText({ plant: NORTH, seen: START, images: new Map([['a', many]]) });
    expect(parseEntry(text, NORTH).images.get('a')).toEqual(many.slice(0, 20));
    const names = Array.from({ length: 20 }, (_, at) => `${at}`.padStart(100, 'x'));
    const images = Array.from({ length: 1000 }, (_, at): [string, string[]] => [`image-${at}`, names]);
    const short = entryText({ plant: NORTH, seen: START, images: new Map(images) });
    expect(short.length).toBeLessThan(MAX_ENTRY_BYTES);
    expect(parseEntry(short, NORTH).images.size).toBe(1000);
  });
});

describe('removing an image that other plants may use', () => {
  it('is refused for what another plant lists, naming plant and VMs, and not for what the own one does', async () => {
    const rig = await createRig();
    await published(rig.warehouse, unpublished('a'));
    rig.users = new Map([['a', ['vm-1']]]);
    const register = await rig.open();
    for (const plant of [SOUTH, undefined]) {
      await expect(remove(rig.warehouse, 'a', plant)).rejects.toMatchObject({
        code: 'FAILED_PRECONDITION',
        reason: 'IMAGE_IN_USE',
        message: `a cannot be removed: it is in use by the plant ${NORTH} (vm-1)`,
      });
    }
    expect(await usedElsewhere(rig.warehouse, NORTH)).toEqual(new Map());
    rig.users = NOBODY;
    await register.close();
    await remove(rig.warehouse, 'a', SOUTH);
    expect(await readdir(rig.warehouse)).toEqual(['.users']);
  });

  it('is possible for the plant itself as soon as nothing lives on it, although it lists it for a while', async () => {
    const rig = await createRig();
    await published(rig.warehouse, unpublished('a'));
    await (await rig.open()).use('a');
    await expect(remove(rig.warehouse, 'a')).rejects.toMatchObject({ reason: 'IMAGE_IN_USE' });
    await remove(rig.warehouse, 'a', NORTH);
    expect(await readdir(rig.warehouse)).toEqual(['.users']);
  });

  it('is refused, and undone, for a VM of the own plant that came after the first look', async () => {
    const rig = await createRig();
    await published(rig.warehouse, unpublished('a'));
    const looks = [NOBODY, new Map([['a', ['vm-late']]])];
    const removal = removeImage({
      warehouse: rig.warehouse,
      name: 'a',
      inUse: () => looks.shift() ?? NOBODY,
      plant: NORTH,
      signal,
    });
    await expect(removal).rejects.toThrowError('vm-late');
    await access(join(rig.warehouse, 'a', 'disk.qcow2'));
    expect(await readdir(rig.warehouse)).toEqual(['a']);
  });

  it.each([
    ['is no JSON', '{"plant":'],
    ['has a field too many', JSON.stringify({ plant: NORTH, seen: new Date(0), images: {}, more: 1 })],
    ['is of another plant', JSON.stringify({ plant: SOUTH, seen: new Date(0), images: {} })],
    ['has an image with a path', JSON.stringify({ plant: NORTH, seen: new Date(0), images: { '../a': [] } })],
    ['has a user with control characters', entry({ a: ['\u001b[2J'] })],
    ['is too large', ' '.repeat(MAX_ENTRY_BYTES + 1)],
  ])('is refused when what a plant says %s', async (_what, text) => {
    const rig = await createRig();
    await published(rig.warehouse, unpublished('a'));
    await mkdir(join(rig.warehouse, '.users'));
    await writeFile(rig.file, text);
    await expect(remove(rig.warehouse, 'a')).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'BAD_USERS',
      message: expect.stringContaining(`.users/${NORTH}.json`),
    });
    await access(join(rig.warehouse, 'a', 'image.json'));
    // Of the plant itself it does not count.
    await remove(rig.warehouse, 'a', NORTH);
  });

  it('is refused when what a plant says is no plain file', async () => {
    const rig = await createRig();
    await published(rig.warehouse, unpublished('a'));
    const elsewhere = join(await temporaryDirectory(), 'entry');
    await writeFile(elsewhere, entry({}));
    await mkdir(join(rig.warehouse, '.users'));
    for (const put of [symlink, link]) {
      await put(elsewhere, rig.file);
      await expect(remove(rig.warehouse, 'a')).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
      await rm(rig.file);
    }
    await mkdir(rig.file);
    await expect(remove(rig.warehouse, 'a')).rejects.toMatchObject({ reason: 'NOT_A_PLAIN_FILE' });
    await access(join(rig.warehouse, 'a', 'image.json'));
  });

  it('and a plant that begins to use it: never do both go on', async () => {
    for (let round = 0; round < 60; round += 1) {
      const rig = await createRig();
      const { directory } = await published(rig.warehouse, unpublished('a'));
      const register = await rig.open();
      const begin = async (): Promise<'cloned' | 'gone'> => {
        for (let turn = 0; turn < round % 20; turn += 1) await new Promise(setImmediate);
        await register.use('a');
        return await access(join(directory, 'disk.qcow2')).then(
          () => 'cloned',
          () => 'gone',
        );
      };
      const [begun, removed] = await Promise.allSettled([begin(), remove(rig.warehouse, 'a', SOUTH)]);
      expect(begun.status).toBe('fulfilled');
      const cloned = begun.status === 'fulfilled' && begun.value === 'cloned';
      if (cloned) await access(join(directory, 'disk.qcow2'));
      expect(cloned && removed.status === 'fulfilled').toBe(false);
    }
  });

  it('reads an entry whole that is being replaced all the time', async () => {
    const rig = await createRig();
    const register = await rig.open();
    await register.use('a');
    let over = false;
    const writing = (async () => {
      for (let turn = 0; turn < 200; turn += 1) {
        rig.users = new Map([['a', [`vm-${turn}`]]]);
        await register.renew();
      }
      over = true;
    })();
    while (!over) expect(Object.keys(await rig.listed())).toEqual(['a']);
    await writing;
  });
});

describe('vmplant warehouse gc', () => {
  const gc = (warehouse: string, now: number) => collectGarbage({ warehouse, dryRun: false, now, signal });

  it('reports plants that were silent for 30 days and entries that cannot be read, and keeps them', async () => {
    const rig = await createRig();
    rig.users = new Map([['a', ['vm-1']]]);
    await rig.open();
    expect(await gc(rig.warehouse, START + SILENT_MILLISECONDS)).toEqual([]);
    const silent = { path: `.users/${NORTH}.json`, kind: 'plant', removable: false };
    expect(await gc(rig.warehouse, START + SILENT_MILLISECONDS + 1)).toEqual([silent]);
    expect(await rig.listed()).toEqual({ a: ['vm-1'] });
    await writeFile(rig.file, 'nothing of the kind');
    expect(await gc(rig.warehouse, START)).toEqual([silent]);
    await access(rig.file);
  });
});

function entry(images: Readonly<Record<string, readonly string[]>>): string {
  return JSON.stringify({ plant: NORTH, seen: new Date(0), images });
}
