import { execFile } from 'node:child_process';
import { link, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VmplantsError } from '../../model/errors.js';
import type { GoldenImage } from '../../model/goldenImage.js';
import { descriptorText, parseDescriptor, readDescriptor } from '../../warehouse/descriptor.js';
import { listDescriptors } from '../../warehouse/listDescriptors.js';
import { checkFiles } from '../../warehouse/references.js';
import { KEY_A, temporaryDirectory, unpublished } from './imageFixture.js';

const run = promisify(execFile);
const MINIMAL = {
  operatingSystem: { name: 'debian', version: '12' },
  hardware: { memoryMiB: 512, diskMiB: 8192 },
  performed: [{ key: KEY_A }],
};

function violations(plain: unknown): readonly string[] {
  try {
    parseDescriptor(JSON.stringify(plain), 'image-a');
  } catch (thrown) {
    if (thrown instanceof VmplantsError) return thrown.violations.map((violation) => violation.field);
    throw thrown;
  }
  return [];
}

describe('parseDescriptor', () => {
  it('makes the least that planning needs a total descriptor', () => {
    expect(parseDescriptor(JSON.stringify({ ...MINIMAL, memory: {} }), 'image-a')).toEqual({
      format: 'vmplants-golden-image/1',
      name: 'image-a',
      created: '1970-01-01T00:00:00Z',
      operatingSystem: { name: 'debian', version: '12' },
      hardware: { isa: 'x86_64', vcpus: 1, memoryMiB: 512, diskMiB: 8192 },
      performed: [{ key: KEY_A, name: 'aaaaaaaaaaaa', seconds: 1, performedAt: '1970-01-01T00:00:00Z' }],
      lines: ['qemu'],
      disk: { file: 'disk.qcow2', format: 'qcow2' },
      memory: {
        file: 'memory',
        deviceStateFile: 'device-state',
        memoryMiB: 512,
        vcpus: 1,
        cpuModel: 'unknown',
        accelerator: 'unknown',
        vmm: 'unknown',
        guestKernel: 'unknown',
        network: 'host-only',
      },
      boot: { kernel: 'vmlinuz', initrd: 'initrd', commandLine: '', guestKernel: 'unknown' },
      devices: [],
      bootSeconds: 15,
      files: [],
    });
  });

  it('reads back what it writes', () => {
    const image: GoldenImage = {
      ...unpublished('image-a'),
      files: [{ path: 'memory', bytes: 3, digest: KEY_A }],
    };
    expect(parseDescriptor(descriptorText(image), 'image-a')).toEqual(image);
  });

  it.each<[string, unknown, readonly string[]]>([
    ['an unknown field', { ...MINIMAL, memroy: {} }, ['memroy']],
    ['an unknown field further in', { ...MINIMAL, disk: { path: 'x' } }, ['disk.path']],
    ['another name than its directory', { ...MINIMAL, name: 'image-b' }, ['name']],
    ['a path with ..', { ...MINIMAL, disk: { file: '../disk.qcow2' } }, ['disk.file']],
    ['an absolute path', { ...MINIMAL, boot: { kernel: '/boot/vmlinuz' } }, ['boot.kernel']],
    ['a file in a subdirectory', { ...MINIMAL, memory: { file: 'a/memory' } }, ['memory.file']],
    ['NUL in a file name', { ...MINIMAL, disk: { file: 'disk\0' } }, ['disk.file']],
    ['a leading dash', { ...MINIMAL, disk: { file: '-disk' } }, ['disk.file']],
    ['the descriptor as a file', { ...MINIMAL, disk: { file: 'image.json' } }, ['disk.file']],
    [
      'a control character for the kernel',
      { ...MINIMAL, boot: { commandLine: 'a\nb' } },
      ['boot.commandLine'],
    ],
    [
      'upper-case keys',
      { ...MINIMAL, performed: [{ key: KEY_A }, { key: KEY_A.toUpperCase() }] },
      ['performed[1].key'],
    ],
    ['negative seconds', { ...MINIMAL, performed: [{ key: KEY_A, seconds: -1 }] }, ['performed[0].seconds']],
    ['no operating system and no hardware', {}, ['operatingSystem', 'hardware']],
    ['another format', { ...MINIMAL, format: 'vmplants-golden-image/2' }, ['format']],
    ['a backing image that is a path', { ...MINIMAL, disk: { backingImage: '../x' } }, ['disk.backingImage']],
    ['no object', [], ['']],
  ])('rejects %s and says where', (_what, plain, fields) => {
    expect(violations(plain)).toEqual(fields);
  });

  it('refuses __proto__ as a field', () => {
    const text = JSON.stringify(MINIMAL).replace('{', '{"__proto__": {"performed": []},');
    expect(() => parseDescriptor(text, 'image-a')).toThrowError(/__proto__/);
  });

  it('answers any text with an image or with INVALID_ARGUMENT', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      fc.anything().map((value) => JSON.stringify({ ...MINIMAL, boot: value }) ?? ''),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          expect(parseDescriptor(text, 'image-a').name).toBe('image-a');
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'BAD_DESCRIPTOR' });
        }
      }),
    );
    expect(() => parseDescriptor('['.repeat(500_000), 'image-a')).toThrowError(/expected/);
    expect(() => parseDescriptor(`${'['.repeat(10_000)}${']'.repeat(10_000)}`, 'image-a')).toThrowError(
      /expected/,
    );
  });
});

describe('checkFiles', () => {
  const file = (path: string, bytes = 1) => ({ path, bytes, digest: KEY_A });
  const complete: GoldenImage = {
    ...unpublished('image-a'),
    files: ['disk.qcow2', 'device-state', 'vmlinuz', 'initrd', 'data.qcow2']
      .map((path) => file(path))
      .concat(file('memory', 2 * 2 ** 20)),
  };

  it('accepts exactly the files that have a role', () => {
    expect(() => checkFiles(complete)).not.toThrow();
  });

  it('rejects missing, superfluous and doubled files, and a memory of another size', () => {
    expect(() => checkFiles({ ...complete, files: complete.files.slice(1) })).toThrowError(
      /disk.file: expected disk.qcow2/,
    );
    expect(() => checkFiles({ ...complete, files: [...complete.files, file('x')] })).toThrowError(
      /x has no role/,
    );
    expect(() => checkFiles({ ...complete, files: [...complete.files, file('initrd')] })).toThrowError(
      /there twice/,
    );
    const short = complete.files.map((entry) => (entry.path === 'memory' ? file('memory', 4096) : entry));
    expect(() => checkFiles({ ...complete, files: short })).toThrowError(
      /memory.file: expected exactly 2 MiB/,
    );
    expect(() => checkFiles({ ...complete, boot: { ...complete.boot, initrd: 'vmlinuz' } })).toThrowError(
      /another file/,
    );
    const self = { ...complete, disk: { ...complete.disk, backingImage: 'image-a' } };
    expect(() => checkFiles(self)).toThrowError(/disk.backingImage/);
  });
});

describe('readDescriptor', () => {
  it('reads only regular files of one name and of at most 1 MiB', async () => {
    const root = await temporaryDirectory();
    const directory = join(root, 'image-a');
    await mkdir(directory);
    await expect(readDescriptor(directory)).rejects.toMatchObject({ code: 'NOT_FOUND' });

    await writeFile(join(root, 'outside.json'), JSON.stringify(MINIMAL));
    await symlink(join(root, 'outside.json'), join(directory, 'image.json'));
    await expect(readDescriptor(directory)).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });

    for (const name of ['image-b', 'image-c', 'image-d', 'image-e']) await mkdir(join(root, name));
    await link(join(root, 'outside.json'), join(root, 'image-b', 'image.json'));
    await expect(readDescriptor(join(root, 'image-b'))).rejects.toThrowError(/2 hard links/);
    await writeFile(join(root, 'image-c', 'image.json'), ' '.repeat(2 ** 20 + 1));
    await expect(readDescriptor(join(root, 'image-c'))).rejects.toThrowError(/at most 1 MiB/);
    await run('mkfifo', [join(root, 'image-d', 'image.json')]);
    await expect(readDescriptor(join(root, 'image-d'))).rejects.toThrowError(/found a FIFO/);
    await mkdir(join(root, 'image-e', 'image.json'));
    await expect(readDescriptor(join(root, 'image-e'))).rejects.toThrowError(/found a directory/);
  });
});

describe('listDescriptors', () => {
  it('lists descriptors alone, and bad ones apart', async () => {
    const root = await temporaryDirectory();
    const write = async (name: string, text: string) => {
      await mkdir(join(root, name));
      await writeFile(join(root, name, 'image.json'), text);
    };
    await write('beta', JSON.stringify(MINIMAL));
    await write('alpha', JSON.stringify(MINIMAL));
    await write('broken', '{');
    await write('.staging-x', JSON.stringify(MINIMAL));
    await write('Upper', JSON.stringify(MINIMAL));
    await writeFile(join(root, 'README'), 'not an image');
    await symlink(join(root, 'alpha'), join(root, 'linked'));

    const { images, problems } = await listDescriptors(root);
    expect(images.map((image) => image.name)).toEqual(['alpha', 'beta']);
    expect(problems.map((problem) => [problem.name, problem.error.code])).toEqual([
      ['Upper', 'INVALID_ARGUMENT'],
      ['broken', 'INVALID_ARGUMENT'],
      ['linked', 'FAILED_PRECONDITION'],
    ]);
    await expect(listDescriptors(join(root, 'nowhere'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('docs/image.schema.json', () => {
  it('is up to date', async () => {
    await run(process.execPath, ['--import', 'tsx', 'docs/imageSchema.ts', '--check']);
  });
});
