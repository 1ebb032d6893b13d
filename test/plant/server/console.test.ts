import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openConsole } from '../../../plant/console.js';
import { NEVER } from '../produce/rig.js';

let directory: string;
let server: Server;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'console-'));
  server = createServer((socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => {
    server.listen(join(directory, 'socket'), resolve);
  });
});
afterEach(async () => {
  server.close();
  await rm(directory, { recursive: true });
});

test('a console carries bytes both ways until it is closed', async () => {
  const console = await openConsole(join(directory, 'socket'), NEVER);
  await console.write(Buffer.from('typed'));
  const heard: string[] = [];
  for await (const data of console.output) {
    heard.push(Buffer.from(data).toString());
    console.close();
  }
  expect(heard).toEqual(['typed']);
});

test('a console ends when its signal is aborted, though the guest says nothing', async () => {
  const left = new AbortController();
  const console = await openConsole(join(directory, 'socket'), left.signal);
  const reading = (async () => {
    for await (const _ of console.output);
  })();
  left.abort();
  await reading;
});

test('a link or a file in place of the socket is refused', async () => {
  await symlink(join(directory, 'socket'), join(directory, 'link'));
  await writeFile(join(directory, 'file'), '');
  for (const name of ['link', 'file']) {
    await expect(openConsole(join(directory, name), NEVER)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      reason: 'SOCKET_REPLACED',
    });
  }
  await expect(openConsole(join(directory, 'none'), NEVER)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
