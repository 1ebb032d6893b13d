import { execFile } from 'node:child_process';
import {
  appendFile,
  cp,
  lstat,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { LocatedImage } from '../../model/goldenImage.js';
import { removeImage } from '../../warehouse/remove.js';
import { openWarehouse, type Warehouse } from '../../warehouse/warehouse.js';
import {
  contentOf,
  flipBit,
  published,
  sha256,
  temporaryDirectory,
  unaborted,
  unpublished,
  unpublishedOver,
  writeImage,
} from './imageFixture.js';

const run = promisify(execFile);

interface Opened {
  readonly warehouse: Warehouse;
  /** What was logged, in order. */
  readonly lines: readonly string[];
}

async function opened(directory: string): Promise<Opened> {
  const lines: string[] = [];
  const write = (_fields: object, message: string) => lines.push(message);
  const log = { info: write, warn: write };
  const warehouse = await openWarehouse({ directory, signal: unaborted(), log });
  onTestFinished(() => warehouse.close());
  return { warehouse, lines };
}

function names(warehouse: Warehouse): readonly string[] {
  return warehouse.images().map((image) => image.descriptor.name);
}

/** Resolves when the warehouse has exactly these images, told by its own events. */
async function until(warehouse: Warehouse, expected: readonly string[]): Promise<void> {
  await new Promise<void>((resolve) => {
    const look = () => {
      if (names(warehouse).join() !== expected.join()) return;
      unsubscribe();
      resolve();
    };
    const unsubscribe = warehouse.onChange(look);
    look();
  });
}

describe('openWarehouse', () => {
  it('has the images that are there, and says what is wrong with the rest', async () => {
    const directory = await temporaryDirectory();
    await published(directory, unpublished('base'));
    await published(directory, unpublishedOver('over', 'base'));
    await writeImage(join(directory, 'by-hand'), unpublished('by-hand'));
    await mkdir(join(directory, 'empty'));
    await writeFile(join(directory, 'README'), 'x');
    await symlink(join(directory, 'base'), join(directory, 'linked'));
    const { warehouse } = await opened(directory);

    expect(names(warehouse)).toEqual(['base', 'by-hand', 'over']);
    expect(warehouse.get('over')).toMatchObject({
      directory: join(directory, 'over'),
      backingDirectory: join(directory, 'base'),
    });
    expect(warehouse.get('base')).not.toHaveProperty('backingDirectory');
    expect(warehouse.get('none')).toBeUndefined();
    expect(warehouse.problems().map(({ name, error }) => [name, error.code])).toEqual([
      ['empty', 'NOT_FOUND'],
      ['linked', 'FAILED_PRECONDITION'],
    ]);
    expect(Object.isFrozen(warehouse.images())).toBe(true);
  });

  it('rejects where there is no directory', async () => {
    const directory = join(await temporaryDirectory(), 'none');
    await expect(opened(directory)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('closes by its signal', async () => {
    const controller = new AbortController();
    const log = { info: () => undefined, warn: () => undefined };
    const directory = await temporaryDirectory();
    const warehouse = await openWarehouse({ directory, signal: controller.signal, log });
    controller.abort();
    await warehouse.close();
    await published(directory, unpublished('late'));
    await warehouse.refresh();
    expect(names(warehouse)).toEqual([]);
    await expect(openWarehouse({ directory, signal: controller.signal, log })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it('reads contents once and again only when a file changed', async () => {
    const directory = await temporaryDirectory();
    await writeImage(join(directory, 'a'), unpublished('a'));
    const first = await opened(directory);
    await first.warehouse.close();
    const stamp = await readFile(join(directory, 'a', '.verified.json'), 'utf8');
    const stamped = (await lstat(join(directory, 'a', '.verified.json'))).ctimeMs;
    const second = await opened(directory);
    expect(names(second.warehouse)).toEqual(['a']);
    await second.warehouse.close();
    expect((await lstat(join(directory, 'a', '.verified.json'))).ctimeMs).toBe(stamped);
    await flipBit(join(directory, 'a', 'memory'), 5);
    const third = await opened(directory);
    expect(names(third.warehouse)).toEqual([]);
    expect(await readFile(join(directory, 'a', '.verified.json'), 'utf8')).toBe(stamp);
  });
});

describe('without a restart', () => {
  it('sees what is published, and what is removed', async () => {
    const directory = await temporaryDirectory();
    const { warehouse, lines } = await opened(directory);
    await published(directory, unpublished('base'));
    await published(directory, unpublishedOver('over', 'base'));
    await until(warehouse, ['base', 'over']);
    await removeImage({ warehouse: directory, name: 'over', inUse: () => new Map(), signal: unaborted() });
    await until(warehouse, ['base']);
    expect(lines.filter((line) => line.includes('cannot be used any more'))).toHaveLength(1);
  });

  it('sees what is published at once after a refresh', async () => {
    const directory = await temporaryDirectory();
    const { warehouse } = await opened(directory);
    await published(directory, unpublished('a'));
    await warehouse.refresh();
    expect(names(warehouse)).toEqual(['a']);
  });

  it('sees an image that is copied in, whichever of its files comes last, only when it is whole', async () => {
    const directory = await temporaryDirectory();
    const elsewhere = await temporaryDirectory();
    const image = unpublished('a');
    await writeImage(join(elsewhere, 'a'), image);
    const { warehouse } = await opened(directory);
    const seen: (readonly LocatedImage[])[] = [];
    warehouse.onChange((images) => seen.push(images));

    for (const last of [...contentOf(image).keys(), 'image.json']) {
      await mkdir(join(directory, 'a'));
      for (const file of [...contentOf(image).keys(), 'image.json']) {
        if (file !== last) await cp(join(elsewhere, 'a', file), join(directory, 'a', file));
      }
      await warehouse.refresh();
      expect(names(warehouse)).toEqual([]);
      // The last one grows slowly, as it does over a network.
      const content = await readFile(join(elsewhere, 'a', last));
      const handle = await open(join(directory, 'a', last), 'w');
      await handle.write(content.subarray(0, content.length - 1));
      await warehouse.refresh();
      expect(names(warehouse)).toEqual([]);
      await handle.write(content.subarray(content.length - 1));
      await handle.close();
      await until(warehouse, ['a']);
      await rm(join(directory, 'a'), { recursive: true });
      await until(warehouse, []);
    }
    expect(seen.length).toBe(2 * (contentOf(image).size + 1));
  });

  it('sees an image of the right size but not yet the right content only when it has that', async () => {
    const directory = await temporaryDirectory();
    const { warehouse } = await opened(directory);
    await writeImage(join(directory, '.coming'), unpublished('a'));
    const memory = join(directory, '.coming', 'memory');
    const content = await readFile(memory);
    await writeFile(memory, Buffer.alloc(content.length));
    await rename(join(directory, '.coming'), join(directory, 'a'));
    await vi.waitFor(
      () => expect(warehouse.problems()).toMatchObject([{ error: { reason: 'DIGEST_MISMATCH' } }]),
      10_000,
    );
    await writeFile(join(directory, 'a', 'memory'), content);
    await until(warehouse, ['a']);
  });

  it('sees cp -r and mv of several images at once', async () => {
    const directory = await temporaryDirectory();
    const elsewhere = await temporaryDirectory();
    const all = Array.from({ length: 12 }, (_, index) => `image-${String(index).padStart(2, '0')}`);
    for (const name of all) await writeImage(join(elsewhere, name), unpublished(name));
    const { warehouse } = await opened(directory);
    await Promise.all(all.map((name) => run('cp', ['-r', join(elsewhere, name), directory])));
    await until(warehouse, all);
    await run('mv', [join(directory, 'image-03'), join(directory, 'image-99')]);
    await until(
      warehouse,
      all.filter((name) => name !== 'image-03'),
    );
    const misnamed = [{ name: 'image-99', error: { reason: 'BAD_DESCRIPTOR' } }];
    await vi.waitFor(() => expect(warehouse.problems()).toMatchObject(misnamed), 10_000);
    await run('mv', [join(directory, 'image-99'), join(directory, 'image-03')]);
    await until(warehouse, all);
  });

  it('takes an image out of sight when a bit of it flips, even with its times set back', async () => {
    const directory = await temporaryDirectory();
    const { directory: image } = await published(directory, unpublished('a'));
    const { warehouse } = await opened(directory);
    const before = await lstat(join(image, 'memory'));
    await flipBit(join(image, 'memory'), 12_345);
    await utimes(join(image, 'memory'), before.atime, before.mtime);
    await until(warehouse, []);
    await vi.waitFor(
      () => expect(warehouse.problems()).toMatchObject([{ name: 'a', error: { code: 'DATA_LOSS' } }]),
      10_000,
    );
    await flipBit(join(image, 'memory'), 12_345);
    await until(warehouse, ['a']);
  });

  it('takes an image out of sight with its base, and brings it back with it', async () => {
    const directory = await temporaryDirectory();
    await published(directory, unpublished('base'));
    await published(directory, unpublishedOver('over', 'base'));
    const { warehouse } = await opened(directory);
    await rename(join(directory, 'base'), join(directory, '.away'));
    await until(warehouse, []);
    expect(warehouse.problems()).toMatchObject([{ name: 'over', error: { reason: 'BASE_MISSING' } }]);
    await rename(join(directory, '.away'), join(directory, 'base'));
    await until(warehouse, ['base', 'over']);
  });

  it('does not use an image over another base of the same name', async () => {
    const directory = await temporaryDirectory();
    await published(directory, unpublished('base'));
    await published(directory, unpublishedOver('over', 'base'));
    await rm(join(directory, 'base'), { recursive: true });
    const other = await writeImage(join(directory, 'base'), unpublished('base'));
    await appendFile(join(directory, 'base', 'disk.qcow2'), Buffer.alloc(512));
    const disk = await readFile(join(directory, 'base', 'disk.qcow2'));
    const files = other.files.map((file) =>
      file.path === 'disk.qcow2' ? { path: file.path, bytes: disk.length, digest: sha256(disk) } : file,
    );
    await writeFile(join(directory, 'base', 'image.json'), JSON.stringify({ ...other, files }));
    const { warehouse } = await opened(directory);
    expect(names(warehouse)).toEqual(['base']);
    expect(warehouse.problems()).toMatchObject([{ name: 'over', error: { reason: 'BASE_CHANGED' } }]);
  });

  it('keeps the objects of images that did not change, and does not tell of what does not matter', async () => {
    const directory = await temporaryDirectory();
    await published(directory, unpublished('a'));
    const { warehouse } = await opened(directory);
    const snapshot = warehouse.images();
    const before = warehouse.get('a');
    const changes: number[] = [];
    warehouse.onChange((images) => changes.push(images.length));
    await writeFile(join(directory, 'a', 'notes'), 'x');
    await utimes(join(directory, 'a'), 0, 0);
    await warehouse.refresh();
    expect(changes).toEqual([]);
    await published(directory, unpublished('b'));
    await until(warehouse, ['a', 'b']);
    expect(warehouse.get('a')).toBe(before);
    expect(snapshot).toHaveLength(1);
    expect(changes).toEqual([2]);
  });

  it('goes on when a listener fails', async () => {
    const directory = await temporaryDirectory();
    const { warehouse, lines } = await opened(directory);
    warehouse.onChange(() => {
      throw new Error('listener');
    });
    await published(directory, unpublished('a'));
    await until(warehouse, ['a']);
    expect(lines).toContain('a listener to the warehouse failed');
  });
});
