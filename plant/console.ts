import { once } from 'node:events';
import { lstat } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { asVmplantsError, VmplantsError } from '../model/errors.js';
import { withDeadline } from './untilAborted.js';

const CONNECT_MILLISECONDS = 5_000;

/** A VM's serial console, both ways. */
export interface Console {
  /** What the guest writes, until it ends or the signal is aborted. */
  readonly output: AsyncIterable<Uint8Array>;
  /** Resolves when the monitor can take more. */
  readonly write: (data: Uint8Array) => Promise<void>;
  readonly close: () => void;
}

/**
 * Connects to the console's socket. The monitor serves one connection at a time; the caller keeps others away.
 * @throws VmplantsError PERMISSION_DENIED when the path is not a socket; UNAVAILABLE when nobody listens
 */
export async function openConsole(path: string, signal: AbortSignal): Promise<Console> {
  // A link put in its place would lead to somewhere else.
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) throw unavailable();
  if (!found.isSocket()) {
    throw new VmplantsError(
      'PERMISSION_DENIED',
      'expected the console socket, found something else in its place',
      {
        reason: 'SOCKET_REPLACED',
      },
    );
  }
  const socket = createConnection({ path });
  try {
    await withDeadline(signal, CONNECT_MILLISECONDS, (within) => once(socket, 'connect', { signal: within }));
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    throw unavailable(error);
  }
  if (signal.aborted) {
    socket.destroy();
    throw asVmplantsError(signal.reason);
  }
  // The end of the connection is the end of the output, however it came.
  socket.on('error', () => undefined);
  // A guest that says nothing would let whoever reads the output wait for ever.
  const onAbort = (): void => {
    socket.destroy();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', onAbort));
  return {
    output: outputOf(socket),
    write: async (data) => {
      if (!socket.write(data)) await once(socket, 'drain', { signal });
    },
    close: () => socket.destroy(),
  };
}

async function* outputOf(socket: Socket): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of socket) yield chunk as Uint8Array;
  } catch {
    // Closed by either side.
  }
}

function unavailable(cause?: unknown): VmplantsError {
  return new VmplantsError('UNAVAILABLE', 'the console of the VM cannot be reached', {
    reason: 'NO_CONSOLE',
    ...(cause === undefined ? {} : { cause }),
  });
}
