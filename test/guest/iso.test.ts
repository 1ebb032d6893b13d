import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ISO_LIMIT_BYTES, type IsoFile, makeIso } from '../../guest/iso.js';

const run = promisify(execFile);

describe('makeIso', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vmp-iso-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  /** What an independent reader takes off the image. */
  async function extract(image: Buffer): Promise<string> {
    const file = join(directory, 'test.iso');
    const target = join(directory, 'out');
    await writeFile(file, image);
    await run('xorriso', ['-abort_on', 'WARNING', '-osirrox', 'on', '-indev', file, '-extract', '/', target]);
    return target;
  }

  it('is read by xorriso: names, contents, modes', async () => {
    const files: readonly IsoFile[] = [
      { path: 'manifest', data: Buffer.from('vmplants-manifest 1\n') },
      { path: '0/script', data: Buffer.from('#!/bin/sh\necho hi\n'), executable: true },
      { path: '0/environment', data: Buffer.alloc(0) },
      { path: '0/files/some-long.lower-case_name with spaces.tar.gz', data: Buffer.alloc(5000, 7) },
      { path: 'a/b/c/d/e/f/g/h/i/j/deeper-than-the-standard-wants', data: Buffer.from('deep') },
      { path: `0/files/${'n'.repeat(150)}`, data: Buffer.from('long') },
      { path: 'Grüße/日本.txt', data: Buffer.from('utf-8') },
    ];
    const target = await extract(makeIso('VMPLANTS', files));
    for (const { path, data, executable } of files) {
      expect((await readFile(join(target, path))).equals(Buffer.from(data)), path).toBe(true);
      expect((await stat(join(target, path))).mode & 0o777, path).toBe(executable === true ? 0o555 : 0o444);
    }
    expect((await readdir(target)).sort()).toEqual(['0', 'Grüße', 'a', 'manifest']);
  });

  it('keeps a directory of many entries whole, over many sectors', async () => {
    const files = Array.from({ length: 700 }, (_, index) => ({
      path: `many/file-${index}-${'x'.repeat(index % 120)}`,
      data: Buffer.from(String(index)),
    }));
    const target = await extract(makeIso('MANY', files));
    expect(await readdir(join(target, 'many'))).toHaveLength(700);
    for (const { path, data } of files) expect(await readFile(join(target, path))).toEqual(data);
  });

  it('says its size and label in the volume descriptor', () => {
    const image = makeIso('LABEL_1', [{ path: 'a', data: Buffer.alloc(3000) }]);
    const descriptor = image.subarray(16 * 2048);
    expect(descriptor.readUInt32LE(80) * 2048).toBe(image.length);
    expect(descriptor.toString('latin1', 40, 72).trim()).toBe('LABEL_1');
  });

  it('depends on nothing but its input', () => {
    const files = [{ path: 'x/y', data: Buffer.from('same') }];
    expect(makeIso('A', files).equals(makeIso('A', files))).toBe(true);
  });

  it.each([
    ['an empty part', 'a//b'],
    ['an absolute path', '/a'],
    ['a parent', 'a/../b'],
    ['itself', './a'],
    ['a NUL', 'a\0b'],
    ['nothing', ''],
    ['a long part', 'x'.repeat(151)],
  ])('refuses a path with %s', (_what, path) => {
    expect(() => makeIso('A', [{ path, data: Buffer.alloc(1) }])).toThrow(RangeError);
  });

  it('refuses a path that occurs twice, or is a file and a directory', () => {
    const data = Buffer.alloc(1);
    expect(() =>
      makeIso('A', [
        { path: 'a', data },
        { path: 'a', data },
      ]),
    ).toThrow(/twice/);
    expect(() =>
      makeIso('A', [
        { path: 'a', data },
        { path: 'a/b', data },
      ]),
    ).toThrow(/already a file/);
    expect(() =>
      makeIso('A', [
        { path: 'a/b', data },
        { path: 'a', data },
      ]),
    ).toThrow(/twice/);
  });

  it.each(['', 'lower', 'WITH SPACE', 'X'.repeat(33)])('refuses the label %j', (label) => {
    expect(() => makeIso(label, [])).toThrow(/label/);
  });

  it('refuses more than fits in memory in good manners', () => {
    const half = Buffer.alloc(ISO_LIMIT_BYTES / 2);
    expect(() =>
      makeIso('A', [
        { path: 'a', data: half },
        { path: 'b', data: half },
      ]),
    ).toThrow(/at most/);
  });
});
