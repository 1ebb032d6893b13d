import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import {
  appendFile,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readDescriptor } from '../../warehouse/descriptor.js';
import { importImage } from '../../warehouse/importImage.js';
import { listDescriptors } from '../../warehouse/listDescriptors.js';
import { type PublishStep, publish, type UnpublishedImage } from '../../warehouse/publish.js';
import { removeImage } from '../../warehouse/remove.js';
import {
  createStaging,
  discardStaging,
  FOREIGN_STALE_MILLISECONDS,
  findStale,
  removeStale,
} from '../../warehouse/staging.js';
import { verifyImage } from '../../warehouse/verify.js';
import {
  contentOf,
  flipBit,
  published,
  sha256,
  stage,
  temporaryDirectory,
  unaborted,
  unpublished,
  unpublishedOver,
  writeImage,
} from './imageFixture.js';
import { qcow2File } from './qcow2Fixture.js';

const run = promisify(execFile);
const signal = unaborted();

async function names(warehouse: string): Promise<readonly string[]> {
  return (await readdir(warehouse)).sort();
}

describe('publish', () => {
  it('makes a staged image visible with the digests of its files, read-only', async () => {
    const warehouse = await temporaryDirectory();
    const image = unpublished('debian-12');
    const steps: string[] = [];
    const located = await published(warehouse, image, (step) => steps.push(step));

    expect(steps).toEqual(['checked', 'digested', 'described', 'visible', 'durable']);
    expect(await names(warehouse)).toEqual(['debian-12']);
    expect(located.directory).toBe(join(warehouse, 'debian-12'));
    expect(await readDescriptor(located.directory)).toEqual(located.descriptor);
    const expected = [...contentOf(image)].map(([path, content]) => ({
      path,
      bytes: content.length,
      digest: sha256(content),
    }));
    expect([...located.descriptor.files].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual(
      expected.sort((a, b) => (a.path < b.path ? -1 : 1)),
    );
    for (const { path } of located.descriptor.files) {
      expect((await lstat(join(located.directory, path))).mode & 0o222).toBe(0);
    }
    expect(await verifyImage(located.directory, signal)).toMatchObject({ good: true, unlisted: [] });
  });

  it('records the digest of the base that it was made over', async () => {
    const warehouse = await temporaryDirectory();
    const base = await published(warehouse, unpublished('base'));
    const over = await published(warehouse, unpublishedOver('over', 'base'));
    expect(over.backingDirectory).toBe(join(warehouse, 'base'));
    expect(over.descriptor.disk.backingDigest).toBe(base.descriptor.files[0]?.digest);
  });

  it('refuses a name that is taken, even by an empty directory, and keeps what is there', async () => {
    const warehouse = await temporaryDirectory();
    const first = await published(warehouse, unpublished('a'));
    await expect(published(warehouse, unpublished('a'))).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    expect(await readDescriptor(first.directory)).toEqual(first.descriptor);
    await mkdir(join(warehouse, 'b'));
    await expect(published(warehouse, unpublished('b'))).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    expect(await readdir(join(warehouse, 'b'))).toEqual([]);
  });

  it('lets one of two publications of a name win', async () => {
    const warehouse = await temporaryDirectory();
    const results = await Promise.allSettled(
      ['x', 'x', 'x'].map((name) => published(warehouse, unpublished(name))),
    );
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'ALREADY_EXISTS' });
    }
    expect(await verifyImage(join(warehouse, 'x'), signal)).toMatchObject({ good: true });
  });

  it.each(['', '.', '..', '../x', 'a/b', '.hidden', '-rf', 'UPPER', 'a'.repeat(64), 'a\0b', 'a b', 'ä'])(
    'refuses the name %j',
    async (name) => {
      const warehouse = await temporaryDirectory();
      await expect(published(warehouse, unpublished(name))).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        violations: [{ field: 'name' }],
      });
    },
  );

  it.each<[string, (staging: string) => Promise<unknown>, object]>([
    [
      'a symbolic link',
      async (s) => {
        await rm(join(s, 'memory'));
        await symlink('/etc/passwd', join(s, 'memory'));
      },
      { code: 'FAILED_PRECONDITION' },
    ],
    [
      'a hard link',
      (s) => link(join(s, 'initrd'), join(s, '..', 'elsewhere')),
      { reason: 'NOT_A_PLAIN_FILE' },
    ],
    [
      'a device',
      async (s) => {
        await rm(join(s, 'initrd'));
        await run('mknod', [join(s, 'initrd'), 'c', '1', '3']);
      },
      { reason: 'NOT_A_PLAIN_FILE' },
    ],
    [
      'a FIFO',
      async (s) => {
        await rm(join(s, 'initrd'));
        await run('mkfifo', [join(s, 'initrd')]);
      },
      { reason: 'NOT_A_PLAIN_FILE' },
    ],
    [
      'a directory',
      async (s) => {
        await rm(join(s, 'initrd'));
        await mkdir(join(s, 'initrd'));
      },
      { reason: 'NOT_A_PLAIN_FILE' },
    ],
    ['an unlisted file', (s) => writeFile(join(s, 'notes.txt'), 'x'), { reason: 'UNLISTED_FILES' }],
    ['a missing file', (s) => rm(join(s, 'device-state')), { reason: 'UNLISTED_FILES' }],
    ['a memory of another size', (s) => appendFile(join(s, 'memory'), 'x'), { reason: 'BAD_DESCRIPTOR' }],
    ['a raw disk', (s) => writeFile(join(s, 'disk.qcow2'), 'raw'), { reason: 'BAD_DISK' }],
    [
      'another disk size',
      (s) => writeFile(join(s, 'disk.qcow2'), qcow2File({ virtualBytes: 2 ** 30 })),
      { reason: 'BAD_DISK' },
    ],
    [
      'an undeclared backing file',
      (s) => writeFile(join(s, 'disk.qcow2'), qcow2File({ backing: { path: '/etc/shadow', format: 'raw' } })),
      { reason: 'BAD_DISK' },
    ],
    [
      'a backing file of an added disk',
      (s) =>
        writeFile(
          join(s, 'data.qcow2'),
          qcow2File({ virtualBytes: 2 ** 25, backing: { path: '../a/disk.qcow2', format: 'qcow2' } }),
        ),
      { reason: 'BAD_DISK' },
    ],
  ])('refuses %s and leaves nothing visible', async (_what, spoil, error) => {
    const warehouse = await temporaryDirectory();
    const image = unpublished('a');
    const staging = await stage(warehouse, image);
    await spoil(staging);
    await expect(publish({ warehouse, staging, image, signal })).rejects.toMatchObject(error);
    await discardStaging(warehouse, staging);
    await rm(join(warehouse, 'elsewhere'), { force: true });
    expect(await names(warehouse)).toEqual([]);
  });

  it('refuses every backing file but the disk of the declared base', async () => {
    const warehouse = await temporaryDirectory();
    await expect(published(warehouse, unpublishedOver('over', 'base'))).rejects.toMatchObject({
      reason: 'BASE_MISSING',
    });
    await published(warehouse, unpublished('base'));
    await published(warehouse, unpublished('other'));
    const image = unpublishedOver('over', 'base');
    for (const path of [
      '../other/disk.qcow2',
      `${warehouse}/base/disk.qcow2`,
      '../base/../base/disk.qcow2',
      'json:{}',
      '../base/memory',
    ]) {
      const staging = await stage(warehouse, image);
      await writeFile(join(staging, 'disk.qcow2'), qcow2File({ backing: { path, format: 'qcow2' } }));
      await expect(publish({ warehouse, staging, image, signal })).rejects.toMatchObject({
        reason: 'BAD_DISK',
      });
    }
    await published(warehouse, image);
    await expect(published(warehouse, unpublishedOver('third', 'over'))).rejects.toMatchObject({
      reason: 'BASE_NOT_FLAT',
    });
  });

  it('refuses a file that is written to after it was digested', async () => {
    const warehouse = await temporaryDirectory();
    const image = unpublished('a');
    const staging = await stage(warehouse, image);
    const onStep = (step: PublishStep) => {
      if (step === 'digested') appendFileSync(join(staging, 'device-state'), 'more');
    };
    const publication = publish({ warehouse, staging, image, signal, onStep });
    await expect(publication).rejects.toMatchObject({ code: 'ABORTED', reason: 'FILE_CHANGED' });
  });

  it('can be tried again on the same staging directory', async () => {
    const warehouse = await temporaryDirectory();
    const image = unpublished('a');
    const staging = await stage(warehouse, image);
    const writing = publish({
      warehouse,
      staging,
      image,
      signal,
      onStep: (step) => {
        if (step === 'digested') throw new Error('the test ends it here');
      },
    });
    await expect(writing).rejects.toThrowError(/ends it here/);
    expect(await names(warehouse)).toEqual([expect.stringMatching(/^\.staging-/)]);
    await publish({ warehouse, staging, image, signal });
    expect(await names(warehouse)).toEqual(['a']);
  });

  it('obeys its signal', async () => {
    const warehouse = await temporaryDirectory();
    const image = unpublished('a');
    const staging = await stage(warehouse, image);
    await expect(publish({ warehouse, staging, image, signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect((await listDescriptors(warehouse)).images).toEqual([]);
  });

  it('takes no other directory for a staging directory', async () => {
    const warehouse = await temporaryDirectory();
    const other = await temporaryDirectory();
    const image = unpublished('a');
    for (const staging of [other, join(warehouse, 'a'), warehouse, await createStaging(other)]) {
      await expect(publish({ warehouse, staging, image, signal })).rejects.toMatchObject({
        reason: 'BAD_STAGING',
      });
    }
  });
});

describe('a publication that is killed', () => {
  it.each([
    ['checked', false],
    ['digested', false],
    ['described', false],
    ['visible', true],
    ['durable', true],
  ])('at %s is whole or invisible', async (step, visible) => {
    const warehouse = await temporaryDirectory();
    const program = ['--import', 'tsx', join(import.meta.dirname, 'publishAndDie.ts'), warehouse, 'a', step];
    const child = spawn(process.execPath, program, { stdio: ['ignore', 'ignore', 'inherit'] });
    const [, killedBy] = await once(child, 'exit');
    expect(killedBy).toBe('SIGKILL');

    const { images, problems } = await listDescriptors(warehouse);
    expect(problems).toEqual([]);
    expect(images.map((image) => image.name)).toEqual(visible ? ['a'] : []);
    if (visible)
      expect(await verifyImage(join(warehouse, 'a'), signal)).toMatchObject({ good: true, unlisted: [] });
    expect(await removeStale(warehouse, Date.now())).toHaveLength(visible ? 0 : 1);
    expect(await names(warehouse)).toEqual(visible ? ['a'] : []);
  });
});

describe('removeStale', () => {
  it('keeps what a living process stages', async () => {
    const warehouse = await temporaryDirectory();
    await createStaging(warehouse);
    expect(await removeStale(warehouse, Date.now() + 10 * FOREIGN_STALE_MILLISECONDS)).toEqual([]);
  });

  it('deletes what a process of the same number left that started at another time', async () => {
    const warehouse = await temporaryDirectory();
    const staging = await createStaging(warehouse);
    const [prefix, host, pid] = basename(staging).split('-');
    const reused = `${prefix}-${host}-${pid}-1-${'0'.repeat(12)}`;
    await mkdir(join(warehouse, reused));
    expect(await removeStale(warehouse, Date.now())).toEqual([{ name: reused, kind: 'staging' }]);
  });

  it('deletes what an unknown host left only after a day without change', async () => {
    const warehouse = await temporaryDirectory();
    const foreign = `.staging-${'0'.repeat(12)}-1-1-${'0'.repeat(12)}`;
    await mkdir(join(warehouse, foreign));
    // A modification time can be set; the change time, which counts, cannot.
    await utimes(join(warehouse, foreign), 0, 0);
    const now = Date.now();
    expect(await findStale(warehouse, now + FOREIGN_STALE_MILLISECONDS / 2)).toEqual([]);
    expect(await findStale(warehouse, now + 2 * FOREIGN_STALE_MILLISECONDS)).toEqual([
      { name: foreign, kind: 'staging' },
    ]);
  });
});

describe('importImage', () => {
  it('publishes a copy of a directory from elsewhere, under another name if wished', async () => {
    const warehouse = await temporaryDirectory();
    const source = await temporaryDirectory();
    const complete = await writeImage(source, unpublished('theirs'));
    await writeFile(join(source, 'README'), 'is not copied');
    const located = await importImage({ warehouse, source, signal });
    expect(located.descriptor.name).toBe('theirs');
    expect(new Set(located.descriptor.files)).toEqual(new Set(complete.files));
    await importImage({ warehouse, source, name: 'ours', signal });
    expect(await names(warehouse)).toEqual(['ours', 'theirs']);
    expect((await readdir(source)).sort()).toContain('README');
  });

  it('leaves holes where the source has zeros', async () => {
    const warehouse = await temporaryDirectory();
    const source = await temporaryDirectory();
    const image = withMemory(64);
    await writeImage(source, image);
    const memory = Buffer.alloc(64 * 2 ** 20);
    memory.write('in the middle', 40 * 2 ** 20);
    await writeFile(join(source, 'memory'), memory);
    await writeFile(join(source, 'image.json'), JSON.stringify(image));
    const { directory } = await importImage({ warehouse, source, signal });
    expect((await readFile(join(directory, 'memory'))).equals(memory)).toBe(true);
    expect((await lstat(join(directory, 'memory'))).blocks * 512).toBeLessThan(2 ** 20);
  });

  it('refuses content that is not what its descriptor lists, and leaves nothing', async () => {
    const warehouse = await temporaryDirectory();
    const source = await temporaryDirectory();
    await writeImage(source, unpublished('theirs'));
    await flipBit(join(source, 'memory'), 1000);
    await expect(importImage({ warehouse, source, signal })).rejects.toMatchObject({ code: 'DATA_LOSS' });
    expect(await names(warehouse)).toEqual([]);
  });
});

describe('removeImage', () => {
  const inUse = () => new Map<string, readonly string[]>();

  it('removes an image and nothing else', async () => {
    const warehouse = await temporaryDirectory();
    await published(warehouse, unpublished('a'));
    await published(warehouse, unpublished('b'));
    await removeImage({ warehouse, name: 'a', inUse, signal });
    expect(await names(warehouse)).toEqual(['b']);
    await expect(removeImage({ warehouse, name: 'a', inUse, signal })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(removeImage({ warehouse, name: '../b', inUse, signal })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('refuses an image that VMs live on, naming them', async () => {
    const warehouse = await temporaryDirectory();
    await published(warehouse, unpublished('a'));
    const used = new Map([['a', ['vm-1', 'vm-2']]]);
    await expect(removeImage({ warehouse, name: 'a', inUse: () => used, signal })).rejects.toThrowError(
      /vm-1, vm-2/,
    );
    expect(await names(warehouse)).toEqual(['a']);
  });

  it('refuses an image that backs others, naming them', async () => {
    const warehouse = await temporaryDirectory();
    await published(warehouse, unpublished('base'));
    await published(warehouse, unpublishedOver('over', 'base'));
    await expect(removeImage({ warehouse, name: 'base', inUse, signal })).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringContaining('over'),
    });
    const used = new Map([['base', ['vm-1']]]);
    await expect(removeImage({ warehouse, name: 'base', inUse: () => used, signal })).rejects.toThrowError(
      'in use by vm-1, and backs the disk of over',
    );
    await removeImage({ warehouse, name: 'over', inUse, signal });
    await removeImage({ warehouse, name: 'base', inUse, signal });
    expect(await names(warehouse)).toEqual([]);
  });

  it('never leaves an image without its base, whichever of the two is faster', async () => {
    for (const moment of ['checked', 'described', 'visible'] as const) {
      const warehouse = await temporaryDirectory();
      await published(warehouse, unpublished('base'));
      const image = unpublishedOver('over', 'base');
      const staging = await stage(warehouse, image);
      let removal: Promise<PromiseSettledResult<void>[]> | undefined;
      const publication = publish({
        warehouse,
        staging,
        image,
        signal,
        onStep: (step) => {
          if (step === moment)
            removal = Promise.allSettled([removeImage({ warehouse, name: 'base', inUse, signal })]);
        },
      });
      await Promise.allSettled([publication]);
      await removal;
      const left = (await listDescriptors(warehouse)).images.map((found) => found.name);
      expect(left.includes('over') ? left : ['base', 'over']).toEqual(['base', 'over']);
    }
  });

  it('is finished by removeStale when it dies half way', async () => {
    const warehouse = await temporaryDirectory();
    const { directory } = await published(warehouse, unpublished('a'));
    await rename(directory, join(warehouse, `.removed-${'0'.repeat(12)}-1-1-${'0'.repeat(12)}`));
    expect(await removeStale(warehouse, Date.now() + 2 * FOREIGN_STALE_MILLISECONDS)).toHaveLength(1);
    expect(await names(warehouse)).toEqual([]);
  });
});

function withMemory(memoryMiB: number): UnpublishedImage {
  const image = unpublished('a');
  return image.memory === undefined ? image : { ...image, memory: { ...image.memory, memoryMiB } };
}
