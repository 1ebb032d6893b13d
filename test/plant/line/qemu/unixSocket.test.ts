import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectUnix, connectWhenReady } from '../../../../plant/line/qemu/unixSocket.js';

describe('connecting to a monitor', () => {
  let directory: string;
  let server: Server;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vmp-socket-'));
    server = createServer((socket) => socket.end());
  });
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    await rm(directory, { recursive: true });
  });

  const listen = (path: string) => new Promise<void>((resolve) => server.listen(path, resolve));
  const signal = () => AbortSignal.timeout(10_000);

  it('refuses a symbolic link, even to a socket, and a file', async () => {
    await listen(join(directory, 'real'));
    await symlink('real', join(directory, 'link'));
    await writeFile(join(directory, 'file'), '');
    for (const name of ['link', 'file']) {
      await expect(connectUnix(join(directory, name), signal())).rejects.toMatchObject({
        code: 'PERMISSION_DENIED',
        reason: 'SOCKET_REPLACED',
      });
    }
    (await connectUnix(join(directory, 'real'), signal())).destroy();
  });

  it('waits for a socket that is not there yet', async () => {
    const path = join(directory, 'late');
    let looks = 0;
    const alive = () => {
      looks += 1;
      // The server comes under another name first, so that the socket appears at once and listening.
      if (looks === 3)
        server.listen(join(directory, 'early'), () => void rename(join(directory, 'early'), path));
      return true;
    };
    (await connectWhenReady(path, alive, signal())).destroy();
    expect(looks).toBeGreaterThanOrEqual(3);
  });

  it('gives up when the monitor has ended, and when the signal says so', async () => {
    const path = join(directory, 'never');
    await expect(connectWhenReady(path, () => false, signal())).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    const soon = AbortSignal.timeout(20);
    await expect(connectWhenReady(path, () => true, soon)).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    });
  });
});
