import { describe, expect, it } from 'vitest';
import { writeManifest } from '../../../../guest/manifest.js';
import type { Manifest } from '../../../../guest/protocol.js';
import { readManifest } from '../../../../plant/line/fake/readManifest.js';

const manifest: Manifest = {
  vmid: 'vm-1',
  nonce: 'n0nce',
  identity: {
    hostname: 'host-1',
    machineId: '0123456789abcdef0123456789abcdef',
    bootId: '9a2c1a1e-3c54-4c4e-8f0e-0d6f5b1f6a11',
    seedPath: 'identity/seed',
    macs: ['52:54:00:00:00:01', '52:54:00:00:00:02'],
    sshHostKeyPath: 'identity/key',
  },
  files: [
    { path: 'identity/seed', digest: 'a'.repeat(64) },
    { path: '0/script', digest: 'b'.repeat(64) },
  ],
  actions: [{ index: 0, timeoutSeconds: 60, directory: '0' }],
};

describe('readManifest', () => {
  it('reads what the plant writes', () => {
    expect(readManifest(writeManifest(manifest))).toEqual(manifest);
    const later = { ...manifest, identity: undefined };
    expect(readManifest(writeManifest(later))).toEqual(later);
  });

  it.each([
    ['nothing', ''],
    ['another version', 'vmplants-manifest 2\nvm a\nnonce b\n'],
    ['no end of line', 'vmplants-manifest 1\nvm a\nnonce b'],
    ['no nonce', 'vmplants-manifest 1\nvm a\n'],
    ['an unknown line', 'vmplants-manifest 1\nvm a\nnonce b\nrun everything\n'],
    ['a line twice', 'vmplants-manifest 1\nvm a\nvm c\nnonce b\n'],
  ])('refuses %s', (_what, text) => {
    expect(readManifest(text)).toBeUndefined();
  });
});
