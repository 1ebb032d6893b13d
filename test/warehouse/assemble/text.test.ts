import { describe, expect, it } from 'vitest';
import { upstreamVersion } from '../../../warehouse/assemble/assembleMicro.js';
import { cpioArchive, DIRECTORY_0755, FILE_0644, FILE_0755 } from '../../../warehouse/assemble/cpio.js';
import { debianChanges } from '../../../warehouse/assemble/debianFiles.js';
import { debianLines, debianStanzas } from '../../../warehouse/assemble/debianSources.js';
import { bootstrapArguments, treeKey } from '../../../warehouse/assemble/debianTree.js';
import { makeFileSystemArguments } from '../../../warehouse/assemble/diskFile.js';
import {
  type KernelModule,
  loadOrder,
  moduleName,
  readDepends,
} from '../../../warehouse/assemble/kernelModules.js';
import { microFiles } from '../../../warehouse/assemble/microFiles.js';
import { parsePackageRecord, requirePackageName } from '../../../warehouse/assemble/packages.js';

describe('cpioArchive', () => {
  it('writes entries that read back, each at a multiple of four, and ends with the trailer', () => {
    const data = Buffer.from('hello');
    const archive = Buffer.from(
      cpioArchive([
        { path: 'lib', mode: DIRECTORY_0755 },
        { path: 'init', mode: FILE_0755, data },
        { path: 'lib/empty', mode: FILE_0644 },
      ]),
    );
    expect(readCpio(archive)).toEqual([
      { path: 'lib', mode: 0o040755, data: '' },
      { path: 'init', mode: 0o100755, data: 'hello' },
      { path: 'lib/empty', mode: 0o100644, data: '' },
      { path: 'TRAILER!!!', mode: 0, data: '' },
    ]);
    expect(archive.length % 4).toBe(0);
  });
});

/** Reads the "newc" form as its definition says, independently of the writer. */
function readCpio(archive: Buffer): readonly { path: string; mode: number; data: string }[] {
  const entries: { path: string; mode: number; data: string }[] = [];
  const align = (at: number): number => Math.ceil(at / 4) * 4;
  for (let at = 0; at < archive.length; ) {
    expect(archive.toString('latin1', at, at + 6)).toBe('070701');
    const field = (index: number): number =>
      Number.parseInt(archive.toString('latin1', at + 6 + 8 * index, at + 14 + 8 * index), 16);
    const nameEnd = at + 110 + field(11);
    const dataStart = align(nameEnd);
    const path = archive.toString('utf8', at + 110, nameEnd - 1);
    entries.push({ path, mode: field(1), data: archive.toString('utf8', dataStart, dataStart + field(6)) });
    at = align(dataStart + field(6));
  }
  return entries;
}

describe('kernel modules', () => {
  it('reads what a module file says it needs', () => {
    const file = Buffer.from('\x7fELF...\0license=GPL\0depends=virtio,virtio-ring\0name=virtio_blk\0');
    expect(readDepends(file)).toEqual(['virtio', 'virtio_ring']);
    expect(readDepends(Buffer.from('\0depends=\0'))).toEqual([]);
    expect(readDepends(Buffer.from('no such field'))).toEqual([]);
  });

  it('names a module as the kernel does', () => {
    expect(moduleName('kernel/drivers/char/hw_random/virtio-rng.ko')).toBe('virtio_rng');
  });

  const modules = new Map<string, KernelModule>([
    ['blk', { path: 'kernel/blk.ko', depends: ['virtio', 'ring'] }],
    ['virtio', { path: 'kernel/virtio.ko', depends: ['ring'] }],
    ['ring', { path: 'kernel/ring.ko', depends: [] }],
    ['net', { path: 'kernel/net.ko', depends: ['ring', 'builtin_dependency'] }],
  ]);

  it('orders them so that each comes after what it needs, once', () => {
    const order = loadOrder(['blk', 'net', 'ext4'], modules, new Set(['ext4', 'builtin_dependency']));
    expect(order.map(({ path }) => path)).toEqual([
      'kernel/ring.ko',
      'kernel/virtio.ko',
      'kernel/blk.ko',
      'kernel/net.ko',
    ]);
  });

  it('names a module that is nowhere', () => {
    expect(() => loadOrder(['blk', 'missing'], modules, new Set())).toThrow(/no module missing/);
  });
});

describe('packages', () => {
  it('reads a record, with the first alternatives of what it depends on', () => {
    const text = [
      'Package: tool',
      'Version: 1:2.0-3',
      'Depends: libc6 (>= 2.35), one | two, perl:any',
      'Description: a tool',
      ' Version: not a field',
      `SHA256: ${'ab'.repeat(32)}`,
      '',
      'Package: other',
    ].join('\n');
    expect(parsePackageRecord(text)).toEqual({
      name: 'tool',
      version: '1:2.0-3',
      depends: ['libc6', 'one', 'perl'],
      sha256: 'ab'.repeat(32),
    });
  });

  it('takes an incomplete record for none', () => {
    expect(parsePackageRecord('Package: tool\nVersion: 1\n')).toBeUndefined();
    expect(parsePackageRecord('')).toBeUndefined();
  });

  it.each(['-o', 'a b', 'A', '', 'a;b', '../x', 'a,b'])('refuses %j for a name', (name) => {
    expect(() => requirePackageName(name, 'extraPackages[0]')).toThrow(/extraPackages\[0\]/);
  });

  it('takes the version of the program out of that of its package', () => {
    expect(upstreamVersion('1:1.35.0-4+deb12u1+b1')).toBe('1.35.0');
    expect(upstreamVersion('6.1.192')).toBe('6.1.192');
  });
});

describe('sources of Debian packages', () => {
  const debian =
    'Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg';
  const foreign =
    'Types: deb\nURIs: https://other.example/x\nSuites: bookworm\nComponents: main\nSigned-By: /usr/share/keyrings/other.gpg';

  it('keeps what Debian signs for the suite, without comments', () => {
    const text = `# comment\n${debian.replace('\nURIs', '\n# another\nURIs')}\n\n${foreign}\n\n${debian.replaceAll('bookworm', 'trixie')}\n`;
    expect(debianStanzas(text, 'bookworm')).toEqual([debian]);
  });

  it('leaves out what is switched off or holds only sources', () => {
    expect(debianStanzas(`${debian}\nEnabled: no`, 'bookworm')).toEqual([]);
    expect(debianStanzas(debian.replace('Types: deb', 'Types: deb-src'), 'bookworm')).toEqual([]);
  });

  it('reads the one-line form', () => {
    const text = [
      '# deb http://mirror.example/debian bookworm main',
      'deb [arch=amd64] http://mirror.example/debian bookworm-security main contrib',
      'deb http://mirror.example/debian trixie main',
      'deb https://other.example/x bookworm main',
    ].join('\n');
    expect(debianLines(text, 'bookworm')).toEqual([
      'Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm-security\nComponents: main contrib\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg',
    ]);
  });
});

describe('the tree of a Debian guest', () => {
  it('is cached by packages, sources and versions', () => {
    const key = treeKey(['a', 'b'], 'sources', ['a=1', 'b=1']);
    expect(treeKey(['a', 'b'], 'sources', ['a=1', 'b=1'])).toBe(key);
    expect(treeKey(['a', 'b c'], 'sources', ['a=1', 'b=1'])).not.toBe(key);
    expect(treeKey(['a', 'b'], 'other', ['a=1', 'b=1'])).not.toBe(key);
    expect(treeKey(['a', 'b'], 'sources', ['a=1', 'b=2'])).not.toBe(key);
  });

  it('is made of exactly the packages that are named, from the given sources', () => {
    const argv = bootstrapArguments(['busybox', 'udev'], '/x/tree.tar', '/x/debian.sources');
    expect(argv).toContain('--include=busybox,udev');
    expect(argv.slice(-3)).toEqual(['bookworm', '/x/tree.tar', '/x/debian.sources']);
  });

  it('keeps nothing that identifies a machine', () => {
    const changes = debianChanges(true, ['ssh_host_rsa_key', 'ssh_host_rsa_key.pub']);
    expect(changes).toContainEqual({ kind: 'remove', path: 'etc/ssh/ssh_host_rsa_key' });
    expect(changes).toContainEqual({ kind: 'text', path: 'etc/machine-id', mode: 0o444, text: '' });
  });

  it('starts the daemon, and SSH for each connection', () => {
    const links = debianChanges(true, []).flatMap((change) => (change.kind === 'link' ? [change.path] : []));
    expect(links).toContain('etc/systemd/system/basic.target.wants/vmguestd.service');
    expect(links).toContain('etc/systemd/system/sockets.target.wants/ssh.socket');
    expect(links).toContain('etc/systemd/system/apt-daily.timer');
  });

  it('without the daemon is left as the packages make it', () => {
    const kinds = debianChanges(false, []).map(({ kind, path }) => `${kind} ${path}`);
    expect(kinds.filter((text) => text.includes('systemd'))).toEqual([]);
  });

  it('stays below its root', () => {
    for (const { path } of debianChanges(true, [])) expect(path).toMatch(/^[a-z][^\0]*$/);
    expect(debianChanges(true, []).some(({ path }) => path.split('/').includes('..'))).toBe(false);
  });
});

describe('the files of the micro guest', () => {
  it('link every applet to busybox, and nothing else that the list may say', () => {
    const links = microFiles([
      'bin/busybox',
      'bin/sh',
      'usr/bin/[',
      'sbin/init',
      '../etc/x',
      'usr/sbin/a b',
      '',
    ]).filter(({ kind }) => kind === 'link');
    expect(links.map(({ path }) => path)).toEqual([
      'usr/local/sbin/useradd',
      'bin/sh',
      'usr/bin/[',
      'sbin/init',
    ]);
  });

  it('let nobody log in, with what no password is encrypted to and busybox can compare', () => {
    const shadow = microFiles([]).find(({ path }) => path === 'etc/shadow');
    // The salt is one that it knows; `*` at the end is no character of a digest.
    expect(shadow).toMatchObject({ mode: 0o600, text: expect.stringMatching(/^root:\$5\$\w+\$\*:/) });
  });
});

describe('the file system of a disk', () => {
  it('has nothing left to initialise in its clones', () => {
    const argv = makeFileSystemArguments({ diskMiB: 64, journal: false }, '/t', '/d');
    expect(argv.join(' ')).toContain('lazy_itable_init=0,lazy_journal_init=0');
    expect(argv).toContain('^has_journal');
    expect(makeFileSystemArguments({ diskMiB: 64, journal: true }, '/t', '/d')).toContain('has_journal');
  });
});
