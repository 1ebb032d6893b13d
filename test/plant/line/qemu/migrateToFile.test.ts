import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrateToFile } from '../../../../plant/line/qemu/migrateToFile.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vmplants-migrate-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** Sends what a monitor would, and fails as it does when nobody takes it: without a reason. */
function sending(content: Buffer): (uri: string) => Promise<void> {
  return (uri) =>
    new Promise((resolve, reject) => {
      const socket = createConnection(uri.slice('unix:'.length));
      socket.on('error', () => undefined);
      socket.on('close', (hadError) => (hadError ? reject(new Error('lost')) : resolve()));
      socket.on('end', () => socket.destroy(new Error('not taken')));
      socket.write(content, () => setImmediate(() => socket.destroySoon()));
    });
}

test('what is sent is in the file, and the socket is gone', async () => {
  const socket = join(directory, 's');
  const target = join(directory, 'stream');
  await migrateToFile(socket, target, sending(Buffer.from('state')), AbortSignal.timeout(10_000));
  expect(await readFile(target, 'utf8')).toBe('state');
  expect(existsSync(socket)).toBe(false);
});

test('a full disk is named, whatever the sender makes of it', async () => {
  const send = sending(Buffer.alloc(64 * 1024 * 1024));
  const saving = migrateToFile(join(directory, 's'), '/dev/full', send, AbortSignal.timeout(10_000));
  await expect(saving).rejects.toMatchObject({
    code: 'RESOURCE_EXHAUSTED',
    reason: 'HOST_SHORT',
    message: expect.stringContaining('the disk of the host is full'),
  });
});

test('any other failure of the sender is told as it is', async () => {
  const refusing = new Error('refused');
  const saving = migrateToFile(
    join(directory, 's'),
    join(directory, 'stream'),
    () => Promise.reject(refusing),
    AbortSignal.timeout(10_000),
  );
  await expect(saving).rejects.toBe(refusing);
});
