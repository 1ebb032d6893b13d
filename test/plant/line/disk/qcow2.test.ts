import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQcow2, emptyQcow2 } from '../../../../plant/line/disk/qcow2.js';
import { parseQcow2Header } from '../../../../warehouse/qcow2Header.js';

const run = promisify(execFile);
const GIB = 2 ** 30;

describe('createQcow2', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vmp-qcow2-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it.each([2 ** 20, 64 * 2 ** 20, 8 * GIB, 8 * GIB + 512, 4096 * GIB])(
    'makes a sound image of %d bytes',
    async (bytes) => {
      const file = join(directory, 'disk');
      await createQcow2(file, bytes, undefined);
      await run('qemu-img', ['check', '-f', 'qcow2', file]);
      const { stdout } = await run('qemu-img', ['info', '--output=json', '-f', 'qcow2', file]);
      expect(JSON.parse(stdout)).toMatchObject({
        'virtual-size': bytes,
        format: 'qcow2',
        'cluster-size': 65536,
      });
      expect((await stat(file)).mode & 0o777).toBe(0o600);
    },
  );

  it('makes an overlay that shows its backing file until it is written', async () => {
    const [base, overlay] = [join(directory, 'base'), join(directory, 'overlay')];
    await createQcow2(base, 8 * GIB, undefined);
    await run('qemu-io', ['-f', 'qcow2', '-c', 'write -P 7 5G 1M', base]);
    const before = await readFile(base);
    await createQcow2(overlay, 8 * GIB, base);
    await run('qemu-io', ['-f', 'qcow2', '-c', 'read -P 7 5G 1M', '-c', 'write -P 9 5G 4k', overlay]);
    await run('qemu-io', ['-f', 'qcow2', '-c', 'read -P 9 5G 4k', '-c', 'read -P 0 1G 1M', overlay]);
    await run('qemu-img', ['check', '-f', 'qcow2', overlay]);
    expect(before.equals(await readFile(base))).toBe(true);
    const { stdout } = await run('qemu-img', ['info', '--output=json', '-f', 'qcow2', overlay]);
    expect(JSON.parse(stdout)).toMatchObject({
      'backing-filename': base,
      'backing-filename-format': 'qcow2',
    });
  });

  it('takes almost no room, and no file that is there', async () => {
    const file = join(directory, 'disk');
    await createQcow2(file, 8 * GIB, '/somewhere/base.qcow2');
    expect((await stat(file)).blocks * 512).toBeLessThan(64 * 1024);
    await expect(createQcow2(file, GIB, undefined)).rejects.toMatchObject({ code: 'EEXIST' });
  });

  it('writes what the warehouse publishes', () => {
    const image = emptyQcow2(GIB, '../base/disk.qcow2');
    expect(parseQcow2Header(image, image.length)).toMatchObject({
      virtualBytes: GIB,
      backingFile: { path: '../base/disk.qcow2', format: 'qcow2' },
    });
  });

  it('refuses a path that the format has no room for', () => {
    expect(() => emptyQcow2(GIB, `/${'x'.repeat(1023)}`)).toThrow(/at most 1023 bytes/);
  });
});
