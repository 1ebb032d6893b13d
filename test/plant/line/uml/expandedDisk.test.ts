import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LocatedImage } from '../../../../model/goldenImage.js';
import { goldenRootDisk } from '../../../../plant/line/disk/goldenDisk.js';
import { type Conversions, expandedDisk, removeExpanded } from '../../../../plant/line/uml/expandedDisk.js';
import { umlSpec } from './umlSpec.js';

const NEVER = new AbortController().signal;
const MIB = 1024 * 1024;
let root: string;
let expanded: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vmp-expanded-'));
  expanded = join(root, 'expanded');
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** A qcow2 disk of 64 MiB with a word at its beginning. */
async function golden(name: string, word: string): Promise<LocatedImage> {
  const directory = join(root, name);
  await mkdir(directory);
  const raw = join(directory, 'raw');
  await writeFile(raw, word);
  execFileSync('/usr/bin/qemu-img', ['resize', '-q', '-f', 'raw', raw, '64M']);
  execFileSync('/usr/bin/qemu-img', [
    'convert',
    '-f',
    'raw',
    '-O',
    'qcow2',
    raw,
    join(directory, 'disk.qcow2'),
  ]);
  await rm(raw);
  return { directory, descriptor: { ...umlSpec().image.descriptor, name } };
}

async function expand(image: LocatedImage, conversions: Conversions = new Map()): Promise<string> {
  return await expandedDisk(image, 'disk.qcow2', await goldenRootDisk(image), expanded, conversions, NEVER);
}

it('makes one sparse, read-only file that several first users share', async () => {
  const image = await golden('one', 'hello');
  const conversions: Conversions = new Map();
  const [file, same] = await Promise.all([expand(image, conversions), expand(image, conversions)]);
  expect(same).toBe(file);
  expect(await readdir(expanded)).toHaveLength(1);
  const status = await stat(file);
  expect(status.size).toBe(64 * MIB);
  expect(status.blocks * 512).toBeLessThan(MIB);
  expect(status.mode & 0o777).toBe(0o400);
  expect((await readFile(file)).subarray(0, 5).toString()).toBe('hello');
  const before = status.mtimeMs;
  expect(await expand(image)).toBe(file);
  expect((await stat(file)).mtimeMs).toBe(before);
  expect(conversions.size).toBe(0);
});

it('reads what a disk hangs on from the image that the descriptor names, whatever the disk says', async () => {
  const base = await golden('base', 'the base');
  await golden('other', 'another');
  const directory = join(root, 'sibling');
  await mkdir(directory);
  const disk = join(directory, 'disk.qcow2');
  execFileSync('/usr/bin/qemu-img', [
    'create',
    '-q',
    '-f',
    'qcow2',
    '-b',
    '../other/disk.qcow2',
    '-F',
    'qcow2',
    disk,
  ]);
  const image: LocatedImage = {
    directory,
    backingDirectory: base.directory,
    descriptor: {
      ...base.descriptor,
      name: 'sibling',
      disk: { file: 'disk.qcow2', format: 'qcow2', backingImage: 'base' },
    },
  };
  const file = await expand(image);
  expect((await readFile(file)).subarray(0, 8).toString()).toBe('the base');
});

it('makes another file when the disk is another', async () => {
  const image = await golden('one', 'first');
  const file = await expand(image);
  await rm(image.directory, { recursive: true });
  expect(await expand(await golden('one', 'second'))).not.toBe(file);
});

it('leaves nothing of a conversion that fails, and tells why', async () => {
  const image = await golden('one', 'hello');
  const disk = await goldenRootDisk(image);
  await writeFile(join(image.directory, 'disk.qcow2'), 'no disk');
  const conversion = expandedDisk(image, 'disk.qcow2', disk, expanded, new Map(), NEVER);
  await expect(conversion).rejects.toMatchObject({ code: 'INTERNAL', reason: 'EXPANSION_FAILED' });
  expect(await readdir(expanded)).toEqual([]);
});

it('removes those of images that are gone, and nothing else', async () => {
  const kept = await expand(await golden('kept', 'kept'));
  await expand(await golden('gone', 'gone'));
  await writeFile(join(expanded, `gone@${'0'.repeat(40)}.raw.1`), 'cut off');
  await writeFile(join(expanded, 'modules.iso'), 'modules');
  await removeExpanded(expanded, new Set(['kept']));
  expect((await readdir(expanded)).map((name) => join(expanded, name)).sort()).toEqual(
    [kept, join(expanded, 'modules.iso')].sort(),
  );
});
