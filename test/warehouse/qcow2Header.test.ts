import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VmplantsError } from '../../model/errors.js';
import { checkDisk, readDiskHeader } from '../../warehouse/disk.js';
import { HEADER_BYTES, parseQcow2Header, type Qcow2Header } from '../../warehouse/qcow2Header.js';
import { temporaryDirectory } from './imageFixture.js';
import { type Qcow2Fixture, qcow2File } from './qcow2Fixture.js';

const run = promisify(execFile);

function parse(bytes: Buffer): Qcow2Header {
  return parseQcow2Header(bytes.subarray(0, HEADER_BYTES), bytes.length);
}

function changed(fixture: Qcow2Fixture, change: (bytes: Buffer) => void): Buffer {
  const bytes = qcow2File(fixture);
  change(bytes);
  return bytes;
}

describe('parseQcow2Header', () => {
  it('reads a disk that stands alone', () => {
    expect(parse(qcow2File({ virtualBytes: 2 ** 30 }))).toEqual({
      virtualBytes: 2 ** 30,
      clusterBytes: 65536,
    });
  });

  it('reads the backing file and its format', () => {
    const header = parse(qcow2File({ backing: { path: '../debian-12/disk.qcow2', format: 'qcow2' } }));
    expect(header.backingFile).toEqual({ path: '../debian-12/disk.qcow2', format: 'qcow2' });
  });

  it.each<[string, Buffer, RegExp]>([
    ['an empty file', Buffer.alloc(0), /at least 104 bytes/],
    ['another format', Buffer.alloc(4096, 'QED\0'), /magic/],
    ['version 2', changed({}, (b) => b.writeUInt32BE(2, 4)), /version 3; found 2/],
    ['a dirty disk', changed({}, (b) => b.writeBigUInt64BE(1n, 72)), /found dirty/],
    ['a corrupt disk', changed({}, (b) => b.writeBigUInt64BE(2n, 72)), /found corrupt/],
    [
      'an external data file by its feature',
      changed({}, (b) => b.writeBigUInt64BE(4n, 72)),
      /external data file/,
    ],
    [
      'an external data file by its name',
      qcow2File({ extensions: [[0x44415441, '/etc/shadow']] }),
      /data file/,
    ],
    ['an unknown feature', changed({}, (b) => b.writeBigUInt64BE(1n << 63n, 72)), /bit 63/],
    ['encryption', changed({}, (b) => b.writeUInt32BE(2, 32)), /encryption/],
    ['a LUKS header', qcow2File({ extensions: [[0x0537be77, '\0'.repeat(16)]] }), /encryption/],
    ['internal snapshots', changed({}, (b) => b.writeUInt32BE(1, 60)), /snapshots/],
    ['a huge virtual size', changed({}, (b) => b.writeBigUInt64BE(1n << 62n, 24)), /2\^53/],
    ['more than 4 TiB', changed({}, (b) => b.writeBigUInt64BE((1n << 42n) + 1n, 24)), /4 TiB/],
    ['no size', changed({}, (b) => b.writeBigUInt64BE(0n, 24)), /virtual size/],
    ['clusters too large', changed({}, (b) => b.writeUInt32BE(40, 20)), /clusters/],
    ['an L1 table too short', changed({ virtualBytes: 2 ** 40 }, (b) => b.writeUInt32BE(1, 36)), /L1 table/],
    ['an L1 table beyond the file', changed({}, (b) => b.writeBigUInt64BE(1n << 40n, 40)), /L1 table/],
    [
      'a refcount table beyond the file',
      changed({}, (b) => b.writeBigUInt64BE(1n << 40n, 48)),
      /refcount table/,
    ],
    [
      'a backing file without its format',
      qcow2File({ backing: { path: '../base/disk.qcow2' } }),
      /format of the backing/,
    ],
    [
      'a backing name beyond the cluster',
      changed({ backing: { path: 'x', format: 'raw' } }, (b) => b.writeBigUInt64BE(1n << 20n, 8)),
      /first cluster/,
    ],
    [
      'a backing name over the header',
      changed({ backing: { path: 'x', format: 'raw' } }, (b) => b.writeBigUInt64BE(8n, 8)),
      /after the header/,
    ],
    [
      'NUL in the backing name',
      qcow2File({ backing: { path: '../a/disk\0.qcow2', format: 'qcow2' } }),
      /printable/,
    ],
    [
      'an extension beyond the cluster',
      changed({}, (b) => b.writeUInt32BE(0xfffffff0, 104 + 4) && b.writeUInt32BE(1, 104)),
      /extensions/,
    ],
  ])('rejects %s', (_what, bytes, message) => {
    expect(() => parse(bytes)).toThrowError(message);
  });

  it('never fails in another way than its own, whatever the bytes', () => {
    const original = qcow2File({ backing: { path: '../base/disk.qcow2', format: 'qcow2' } });
    const flip = fc.tuple(fc.nat(255), fc.nat(7));
    fc.assert(
      fc.property(fc.array(flip, { minLength: 1, maxLength: 8 }), fc.nat(4 * 65536), (flips, length) => {
        const bytes = Buffer.from(original.subarray(0, length % 3 === 0 ? length : original.length));
        for (const [at, bit] of flips) if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        expectHeaderOrRejection(bytes);
      }),
      { numRuns: 5000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => expectHeaderOrRejection(Buffer.from(bytes))),
    );
  });

  it('lets through no flipped bit that changes the backing file unnoticed', () => {
    const original = qcow2File({ backing: { path: '../base/disk.qcow2', format: 'qcow2' } });
    const passed: string[] = [];
    for (let bit = 0; bit < 256 * 8; bit++) {
      const bytes = Buffer.from(original);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      try {
        const header = parse(bytes);
        checkDisk(header, { virtualMiB: 16, backing: '../base/disk.qcow2' }, 'x');
        passed.push(`${header.backingFile?.path} ${header.backingFile?.format}`);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(VmplantsError);
      }
    }
    expect(new Set(passed)).toEqual(new Set(['../base/disk.qcow2 qcow2']));
  });
});

function expectHeaderOrRejection(bytes: Buffer): void {
  try {
    expect(parse(bytes).virtualBytes).toBeGreaterThan(0);
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'BAD_DISK' });
  }
}

describe('checkDisk', () => {
  const alone = { virtualBytes: 16 * 2 ** 20, clusterBytes: 65536 };
  const backed = { ...alone, backingFile: { path: '/etc/shadow', format: 'raw' } };

  it('rejects another size, backing file or backing format than declared', () => {
    expect(() => checkDisk(alone, { virtualMiB: 17 }, 'i/d')).toThrowError(
      /i\/d: expected a virtual size of 17 MiB; found 16/,
    );
    expect(() => checkDisk(backed, { virtualMiB: 16 }, 'i/d')).toThrowError(
      /expected no backing file; found .*shadow/,
    );
    expect(() => checkDisk(alone, { virtualMiB: 16, backing: '../b/disk.qcow2' }, 'i/d')).toThrowError(
      /found no backing/,
    );
    expect(() => checkDisk(backed, { virtualMiB: 16, backing: '/etc/shadow' }, 'i/d')).toThrowError(
      /format qcow2/,
    );
    expect(() => checkDisk(alone, { virtualMiB: 16 }, 'i/d')).not.toThrow();
  });
});

describe('against qemu-img', () => {
  it('reads what qemu-img writes, and the fixture is sound to qemu-img', async () => {
    const directory = await temporaryDirectory();
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', join(directory, 'base.qcow2'), '8G']);
    const options = ['-o', 'compression_type=zstd,extended_l2=on', '-b', 'base.qcow2', '-F', 'qcow2'];
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', ...options, join(directory, 'over.qcow2')]);
    expect(await readDiskHeader(directory, 'base.qcow2', 'x')).toEqual({
      virtualBytes: 2 ** 33,
      clusterBytes: 65536,
    });
    expect(await readDiskHeader(directory, 'over.qcow2', 'x')).toEqual({
      virtualBytes: 2 ** 33,
      clusterBytes: 65536,
      backingFile: { path: 'base.qcow2', format: 'qcow2' },
    });

    await writeFile(join(directory, 'made.qcow2'), qcow2File());
    await run('qemu-img', ['check', '-q', join(directory, 'made.qcow2')]);
  });
});
