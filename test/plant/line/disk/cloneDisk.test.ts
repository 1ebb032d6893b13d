import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocatedImage } from '../../../../model/goldenImage.js';
import { cloneRootDisk } from '../../../../plant/line/disk/cloneDisk.js';
import { createQcow2 } from '../../../../plant/line/disk/qcow2.js';
import type { CloneSpec } from '../../../../plant/line/line.js';
import { patience } from '../../../conformance/conversation.js';
import { makeFakeImage } from '../../../conformance/fakeSubject.js';

const run = promisify(execFile);
const DISK_BYTES = 64 * 2 ** 20;

describe('the root disk of a clone', () => {
  let root: string;
  let base: LocatedImage;
  /** A sibling over the base: an image that was frozen from a clone of it. */
  let sibling: LocatedImage;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'vmp-disk-'));
    base = await makeFakeImage(join(root, 'base'));
    await run('qemu-io', ['-f', 'qcow2', '-c', 'write -P 1 0 64k', join(base.directory, 'disk.qcow2')]);
    const directory = join(root, 'sibling');
    await mkdir(directory);
    await createQcow2(join(directory, 'disk.qcow2'), DISK_BYTES, '../base/disk.qcow2');
    await run('qemu-io', ['-f', 'qcow2', '-c', 'write -P 2 1M 64k', join(directory, 'disk.qcow2')]);
    const disk = { ...base.descriptor.disk, backingImage: 'base' };
    sibling = {
      directory,
      backingDirectory: base.directory,
      descriptor: { ...base.descriptor, name: 'sibling', disk },
    };
  });
  afterEach(() => rm(root, { recursive: true }));

  const file = () => join(root, 'clone.qcow2');

  function spec(image: LocatedImage, purpose: CloneSpec['purpose']): CloneSpec {
    return {
      vmid: 'vm-1',
      directory: root,
      image,
      rung: 'disk',
      vcpus: 1,
      memoryMiB: 16,
      network: 'none',
      macs: [],
      generationId: '9a2c1a1e-3c54-4c4e-8f0e-0d6f5b1f6a11',
      purpose,
    };
  }

  async function backingName(): Promise<unknown> {
    const { stdout } = await run('qemu-img', ['info', '--output=json', '-f', 'qcow2', file()]);
    return (JSON.parse(stdout) as Record<string, unknown>)['backing-filename'];
  }

  it('of a VM is an empty overlay over the whole chain', async () => {
    const chain = await cloneRootDisk(spec(sibling, 'vm'), file(), patience());
    expect(chain).toEqual([
      file(),
      join(sibling.directory, 'disk.qcow2'),
      join(base.directory, 'disk.qcow2'),
    ]);
    await run('qemu-io', ['-f', 'qcow2', '-c', 'read -P 1 0 64k', '-c', 'read -P 2 1M 64k', file()]);
  });

  it('of a machine to be frozen is a sibling of its image, so that no chain grows', async () => {
    const before = await readFile(join(sibling.directory, 'disk.qcow2'));
    const chain = await cloneRootDisk(spec(sibling, 'bake'), file(), patience());
    expect(chain).toEqual([file(), join(base.directory, 'disk.qcow2')]);
    expect(await backingName()).toBe('../base/disk.qcow2');
    expect(before.equals(await readFile(join(sibling.directory, 'disk.qcow2')))).toBe(true);
  });

  it('of a machine to be frozen names a base as a warehouse wants it', async () => {
    const chain = await cloneRootDisk(spec(base, 'bake'), file(), patience());
    expect(chain).toEqual([file(), join(base.directory, 'disk.qcow2')]);
    expect(await backingName()).toBe('../base/disk.qcow2');
  });

  it.each(['vm', 'bake'] as const)(
    'of a %s is refused when descriptor and disk do not agree',
    async (purpose) => {
      const { backingDirectory: _, ...without } = sibling;
      const claimed = { ...base.descriptor, disk: { ...base.descriptor.disk, backingImage: 'other' } };
      for (const image of [
        without,
        { ...sibling, descriptor: { ...sibling.descriptor, disk: base.descriptor.disk } },
        { ...base, descriptor: claimed, backingDirectory: base.directory },
      ]) {
        await expect(cloneRootDisk(spec(image, purpose), file(), patience())).rejects.toMatchObject({
          code: 'FAILED_PRECONDITION',
          reason: 'IMAGE_INCONSISTENT',
        });
      }
    },
  );

  it('is refused over a base that has a base', async () => {
    const image = { ...sibling, backingDirectory: sibling.directory };
    await expect(cloneRootDisk(spec(image, 'vm'), file(), patience())).rejects.toMatchObject({
      reason: 'IMAGE_INCONSISTENT',
    });
  });
});
