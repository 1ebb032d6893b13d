import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { freshIdentity, newMacs, uuid } from '../../../plant/configure/identity.js';
import { makeSshHostKey } from '../../../plant/configure/sshHostKey.js';

const run = promisify(execFile);
const random = (count: number): Uint8Array => randomBytes(count);

test('ssh-keygen reads the host key and derives the same public key and fingerprint', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'key-'));
  try {
    // Comments of every length modulo the padding's block.
    for (let length = 1; length <= 9; length += 1) {
      const key = makeSshHostKey(random(36), 'c'.repeat(length));
      const file = join(directory, `key-${length}`);
      await writeFile(file, key.privateKey, { mode: 0o600 });
      await writeFile(`${file}.pub`, key.publicKey);
      expect((await run('ssh-keygen', ['-y', '-f', file])).stdout).toBe(key.publicKey);
      expect((await run('ssh-keygen', ['-l', '-f', `${file}.pub`])).stdout).toContain(` ${key.fingerprint} `);
      expect(Buffer.from(key.digest, 'hex').toString('base64').replace(/=+$/, '')).toBe(
        key.fingerprint.slice(7),
      );
    }
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('an identity depends on its random bytes alone, and shares nothing with the next', () => {
  const fixed = (): ((count: number) => Uint8Array) => {
    let next = 0;
    return (count) => Uint8Array.from({ length: count }, () => (next = (next + 1) % 256));
  };
  expect(freshIdentity('h', 2, new Set(), fixed())).toEqual(freshIdentity('h', 2, new Set(), fixed()));
  const one = freshIdentity('h', 2, new Set(), random);
  const two = freshIdentity('h', 2, new Set(), random);
  expect(one.machineId).toMatch(/^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
  expect(one.seed).toHaveLength(64);
  const parts = [one, two].flatMap((identity) => [
    identity.machineId,
    identity.bootId,
    identity.generationId,
    Buffer.from(identity.seed).toString('hex'),
    identity.sshHostKey.privateKey,
    ...identity.macs,
  ]);
  expect(new Set(parts).size).toBe(parts.length);
});

test('addresses are locally administered and never one that is taken', () => {
  const bytes = [1, 2, 3, 1, 2, 4];
  const scripted = (count: number): Uint8Array => Uint8Array.from(bytes.splice(0, count));
  expect(newMacs(1, new Set(['52:54:00:01:02:03']), scripted)).toEqual(['52:54:00:01:02:04']);
});

test('a UUID is of version 4', () => {
  expect(uuid(() => new Uint8Array(16).fill(255))).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
});
