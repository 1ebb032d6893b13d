import { once } from 'node:events';
import { lstat, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';

const CONNECT_MILLISECONDS = 2_000;

/**
 * Removes the socket file that a server which was killed has left, so that it can start again at the same path. What
 * somebody listens on, and what is no socket, stays: listening there then fails, and says so.
 * @param address as `parseAddress` takes it; one that is no unix socket needs nothing
 */
export async function removeStaleSocket(address: string): Promise<void> {
  if (!address.startsWith('unix:')) return;
  const path = address.slice('unix:'.length);
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSocket() !== true) return;
  const socket = createConnection({ path });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_MILLISECONDS) });
  } catch (error) {
    const refused = error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
    if (refused) await rm(path, { force: true });
  } finally {
    socket.destroy();
  }
}
