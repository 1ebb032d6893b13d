import { lstat } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { asVmplantsError, VmplantsError } from '../../../model/errors.js';
import { errnoOf } from '../../../warehouse/fileError.js';
import { throwIfAborted } from '../../untilAborted.js';

/** Between two looks at a socket that a starting monitor has not made yet. */
const RETRY_MILLISECONDS = 2;

/**
 * Connects to a socket in a clone's directory. Refuses anything that is not a socket: a symbolic link or a file put
 * in its place would send what is meant for the monitor somewhere else.
 */
export async function connectUnix(path: string, signal: AbortSignal): Promise<Socket> {
  throwIfAborted(signal);
  const found = await lstat(path);
  if (!found.isSocket()) {
    throw new VmplantsError(
      'PERMISSION_DENIED',
      `${path}: expected a socket of the monitor, found something else in its place`,
      {
        reason: 'SOCKET_REPLACED',
        hint: 'somebody else wrote to the directory of the clone; collect the VM and look into it',
      },
    );
  }
  return await new Promise<Socket>((resolve, reject) => {
    const socket = connect({ path });
    const abort = (): void => {
      socket.destroy();
      reject(asVmplantsError(signal.reason));
    };
    const settle = (): void => signal.removeEventListener('abort', abort);
    socket.once('connect', () => {
      settle();
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
    socket.once('error', settle);
    signal.addEventListener('abort', abort, { once: true });
  });
}

/**
 * Connects as soon as the starting monitor has made the socket.
 * @param alive false once the monitor has ended: then there is nothing to wait for
 */
export async function connectWhenReady(
  path: string,
  alive: () => boolean,
  signal: AbortSignal,
): Promise<Socket> {
  for (;;) {
    try {
      return await connectUnix(path, signal);
    } catch (error) {
      if (!isNotYet(error)) throw error;
      if (!alive())
        throw new VmplantsError('UNAVAILABLE', 'the monitor ended before it could be reached', {
          cause: error,
        });
    }
    await delay(RETRY_MILLISECONDS);
  }
}

/** No socket yet, or a socket that is not listened to yet. */
function isNotYet(error: unknown): boolean {
  return errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ECONNREFUSED';
}
