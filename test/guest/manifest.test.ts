import { describe, expect, it } from 'vitest';
import { writeManifest } from '../../guest/manifest.js';
import type { Manifest } from '../../guest/protocol.js';

const plain: Manifest = {
  vmid: 'vm-1',
  nonce: 'n1',
  identity: undefined,
  files: [{ path: '0/script', digest: '01'.repeat(32) }],
  actions: [{ index: 0, timeoutSeconds: 60, directory: '0' }],
};

const identity = {
  hostname: 'node-1',
  machineId: '0a'.repeat(16),
  bootId: '6f1d6f4e-0000-4000-8000-0123456789ab',
  seedPath: 'identity/seed',
  macs: ['52:54:00:00:00:01', '52:54:00:00:00:02'],
  sshHostKeyPath: 'identity/key',
};

describe('writeManifest', () => {
  it('writes the lines in the order of the protocol', () => {
    expect(writeManifest({ ...plain, identity })).toBe(
      [
        'vmplants-manifest 1',
        'vm vm-1',
        'nonce n1',
        'hostname node-1',
        `machine-id ${'0a'.repeat(16)}`,
        'boot-id 6f1d6f4e-0000-4000-8000-0123456789ab',
        'seed identity/seed',
        'mac 0 52:54:00:00:00:01',
        'mac 1 52:54:00:00:00:02',
        'ssh-host-key identity/key',
        `file ${'01'.repeat(32)} 0/script`,
        'action 0 60 0',
        '',
      ].join('\n'),
    );
  });

  it('leaves out an identity and a key that are not there', () => {
    expect(writeManifest(plain)).not.toContain('hostname');
    expect(writeManifest({ ...plain, identity: { ...identity, sshHostKeyPath: undefined } })).not.toContain(
      'ssh-host-key',
    );
  });

  it.each<[string, Partial<Manifest>]>([
    ['a vm with a newline', { vmid: 'a\nvm b' }],
    ['a path that climbs', { files: [{ path: '../x', digest: '01'.repeat(32) }] }],
    ['an absolute path', { files: [{ path: '/etc/x', digest: '01'.repeat(32) }] }],
    ['a path with a space', { files: [{ path: 'a b', digest: '01'.repeat(32) }] }],
    ['a digest in capitals', { files: [{ path: 'a', digest: 'AB'.repeat(32) }] }],
    ['an index out of order', { actions: [{ index: 1, timeoutSeconds: 1, directory: '0' }] }],
    ['a timeout of part of a second', { actions: [{ index: 0, timeoutSeconds: 0.5, directory: '0' }] }],
    ['a directory below another', { actions: [{ index: 0, timeoutSeconds: 1, directory: 'a/b' }] }],
    ['a multicast address', { identity: { ...identity, macs: ['01:00:5e:00:00:01'] } }],
    ['a hostname that is an option', { identity: { ...identity, hostname: '-x' } }],
  ])('refuses %s', (_, change) => {
    expect(() => writeManifest({ ...plain, ...change })).toThrow(RangeError);
  });
});
