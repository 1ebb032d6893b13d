import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { VmplantsError } from '../../../model/errors.js';
import { errnoOf } from '../../../warehouse/fileError.js';
import { untilAborted } from '../../untilAborted.js';

/** What is written to the file at a time: a stream may be as large as the machine's memory. */
const BUFFER_BYTES = 4 * 1024 * 1024;

/**
 * Takes what a monitor sends into a file. The sandboxed monitor can neither start a program nor be handed a descriptor
 * from here, but it can connect: it writes to a socket of ours, and we write to the file.
 * @param socketPath where the socket may be; gone afterwards
 * @param send lets the monitor send to the URI given; when it has resolved, the rest is waited for
 */
export async function migrateToFile(
  socketPath: string,
  target: string,
  send: (uri: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  await rm(socketPath, { force: true });
  const server = createServer();
  const over = new AbortController();
  const saved = firstConnection(server).then((socket) =>
    pipeline(socket, createWriteStream(target, { mode: 0o600, highWaterMark: BUFFER_BYTES }), {
      signal: over.signal,
    }),
  );
  // Awaited below; until then a rejection has to count as handled.
  let unsaved: unknown;
  saved.catch((error: unknown) => {
    unsaved = error;
  });
  try {
    await listen(server, socketPath);
    await send(`unix:${socketPath}`);
    await untilAborted(saved, signal);
  } catch (error) {
    // A stream that cannot be written ends the sending as well, which then says less.
    throw signal.aborted ? error : asFullDisk(unsaved, error);
  } finally {
    over.abort();
    server.close();
  }
}

function asFullDisk(unsaved: unknown, otherwise: unknown): unknown {
  const errno = errnoOf(unsaved);
  if (errno !== 'ENOSPC' && errno !== 'EDQUOT') return otherwise;
  return new VmplantsError(
    'RESOURCE_EXHAUSTED',
    'saving the memory of a machine failed: the disk of the host is full',
    { reason: 'HOST_SHORT', cause: unsaved },
  );
}

function firstConnection(server: Server): Promise<Socket> {
  return new Promise((resolve) => {
    server.once('connection', resolve);
  });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}
