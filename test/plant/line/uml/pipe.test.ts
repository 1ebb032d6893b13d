import { execFileSync } from 'node:child_process';
import { closeSync } from 'node:fs';
import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PIPES } from '../../../../plant/line/uml/cloneFiles.js';
import { makePipes, openPipe, openPipeSocket } from '../../../../plant/line/uml/pipe.js';

const NEVER = new AbortController().signal;
let directory: string;
let pipe: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vmp-pipe-'));
  await makePipes(directory, NEVER);
  pipe = join(directory, PIPES[0]);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

it('keeps what was written while its writer is away and nobody reads', async () => {
  const held = openPipe(pipe, true);
  try {
    execFileSync('sh', ['-c', 'printf "before the plant" > "$1"', 'sh', pipe]);
    const socket = openPipeSocket(pipe, 'read');
    const text = await new Promise<string>((resolve) =>
      socket.once('data', (data) => resolve(data.toString())),
    );
    expect(text).toBe('before the plant');
    socket.destroy();
  } finally {
    closeSync(held);
  }
});

it.each(['a link', 'a file'])('refuses %s in its place', async (what) => {
  await rename(pipe, join(directory, 'moved'));
  if (what === 'a link') await symlink('moved', pipe);
  else await writeFile(pipe, '');
  expect(() => openPipe(pipe, false)).toThrow(
    expect.objectContaining({ code: 'PERMISSION_DENIED', reason: 'PIPE_REPLACED' }),
  );
});
