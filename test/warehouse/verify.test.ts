import { link, mkdir, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collectGarbage } from '../../warehouse/gc.js';
import { createStaging } from '../../warehouse/staging.js';
import { type ImageReport, verifyImage, verifyWarehouse } from '../../warehouse/verify.js';
import {
  flipBit,
  published,
  temporaryDirectory,
  unaborted,
  unpublished,
  unpublishedOver,
  writeImage,
} from './imageFixture.js';

const signal = unaborted();

function bad(report: ImageReport): readonly string[] {
  return report.files.filter((file) => file.state !== 'good').map((file) => `${file.path}: ${file.state}`);
}

describe('verifyImage', () => {
  it('finds everything that is wrong with an image', async () => {
    const warehouse = await temporaryDirectory();
    const { directory } = await published(warehouse, unpublished('a'));
    expect(await verifyImage(directory, signal)).toMatchObject({ good: true, unlisted: [] });

    await flipBit(join(directory, 'memory'), 2 ** 20);
    await truncate(join(directory, 'device-state'), 3);
    await rm(join(directory, 'vmlinuz'));
    await rm(join(directory, 'initrd'));
    await symlink('/etc/passwd', join(directory, 'initrd'));
    await link(join(directory, 'data.qcow2'), join(directory, 'second-name'));
    const report = await verifyImage(directory, signal);
    expect(report.good).toBe(false);
    expect(bad(report)).toEqual([
      'memory: wrong-digest',
      'device-state: wrong-size',
      'vmlinuz: missing',
      'initrd: not-a-plain-file',
      'data.qcow2: not-a-plain-file',
    ]);
    expect(report.unlisted).toEqual(['second-name']);
  });

  it('reports a descriptor that cannot be read', async () => {
    const warehouse = await temporaryDirectory();
    const { directory } = await published(warehouse, unpublished('a'));
    await rm(join(directory, 'image.json'));
    await writeFile(join(directory, 'image.json'), '{}');
    expect(await verifyImage(directory, signal)).toMatchObject({
      good: false,
      error: { reason: 'BAD_DESCRIPTOR' },
    });
  });

  it('reports a base that is missing or another one', async () => {
    const warehouse = await temporaryDirectory();
    const base = await published(warehouse, unpublished('base'));
    const { directory } = await published(warehouse, unpublishedOver('over', 'base'));
    expect(await verifyImage(directory, signal)).toMatchObject({ good: true });
    await rm(base.directory, { recursive: true });
    expect(await verifyImage(directory, signal)).toMatchObject({
      good: false,
      error: { reason: 'BASE_MISSING' },
    });
    const other = await writeImage(base.directory, unpublished('base'));
    const files = other.files.map((file) => ({ ...file, digest: '0'.repeat(64) }));
    await writeFile(join(base.directory, 'image.json'), JSON.stringify({ ...other, files }));
    expect(await verifyImage(directory, signal)).toMatchObject({
      good: false,
      error: { reason: 'BASE_CHANGED' },
    });
  });

  it('verifies all images or the named ones, and obeys its signal', async () => {
    const warehouse = await temporaryDirectory();
    for (const name of ['a', 'b', 'c']) await published(warehouse, unpublished(name));
    const verified = async (names: readonly string[] | undefined) => {
      const found: string[] = [];
      for await (const report of verifyWarehouse(warehouse, names, signal)) found.push(report.name);
      return found;
    };
    expect(await verified(undefined)).toEqual(['a', 'b', 'c']);
    expect(await verified(['b'])).toEqual(['b']);
    await expect(verified(['d'])).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(verifyImage(join(warehouse, 'a'), AbortSignal.abort())).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});

describe('collectGarbage', () => {
  it('lists what belongs to no image and deletes only what is surely its own', async () => {
    const warehouse = await temporaryDirectory();
    const { directory } = await published(warehouse, unpublished('a'));
    await createStaging(warehouse);
    const [alive] = (await readdir(warehouse)).filter((name) => name.startsWith('.staging-'));
    if (alive === undefined) throw new Error('no staging directory');
    const [prefix, host, pid] = alive.split('-');
    const dead = (kind: string) => `${kind}-${host}-${pid}-1-${'0'.repeat(12)}`;
    expect(prefix).toBe('.staging');
    await mkdir(join(warehouse, dead('.staging')));
    await writeFile(join(warehouse, dead('.staging'), 'disk.qcow2'), 'x');
    await mkdir(join(warehouse, dead('.removed')));
    await mkdir(join(warehouse, 'unfinished-copy'));
    await writeFile(join(warehouse, 'README'), 'x');
    await writeFile(join(directory, 'notes'), 'x');
    await writeFile(join(directory, '.image.json.tmp'), 'x');

    const request = { warehouse, now: Date.now(), signal };
    const listed = await collectGarbage({ ...request, dryRun: true });
    expect(listed).toEqual([
      { path: dead('.removed'), kind: 'removed', removable: true },
      { path: dead('.staging'), kind: 'staging', removable: true },
      { path: 'README', kind: 'orphan', removable: false },
      { path: 'a/.image.json.tmp', kind: 'leftover', removable: true },
      { path: 'a/notes', kind: 'orphan', removable: false },
    ]);
    expect(await collectGarbage({ ...request, dryRun: false })).toEqual(listed);
    expect(await collectGarbage({ ...request, dryRun: true })).toEqual(
      listed.filter((item) => !item.removable),
    );
    expect((await readdir(warehouse)).sort()).toEqual([alive, 'README', 'a', 'unfinished-copy']);
    expect(await verifyImage(directory, signal)).toMatchObject({ good: true, unlisted: ['notes'] });
  });
});
