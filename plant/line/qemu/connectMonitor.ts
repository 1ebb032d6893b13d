import { join } from 'node:path';
import { type OpenGuestChannel, openGuestChannel } from '../channel/guestChannel.js';
import type { MonitorProcess } from '../process/monitorProcess.js';
import { CLONE_FILES } from './cloneFiles.js';
import { openQmp, type QmpClient } from './qmp.js';
import { connectWhenReady } from './unixSocket.js';

/** The connections to a monitor of ours. */
export interface MonitorConnections {
  readonly qmp: QmpClient;
  readonly guest: OpenGuestChannel;
}

/** Connects to a monitor that was just started in the directory. Nothing is connected when it rejects. */
export async function connectMonitor(
  directory: string,
  monitor: MonitorProcess,
  signal: AbortSignal,
): Promise<MonitorConnections> {
  let alive = true;
  void monitor.exited.then(() => {
    alive = false;
  });
  const reach = (name: string) => connectWhenReady(join(directory, name), () => alive, signal);
  const qmpSocket = await reach(CLONE_FILES.qmpSocket);
  const guestSocket = await reach(CLONE_FILES.guestSocket).catch((error: unknown) => {
    qmpSocket.destroy();
    throw error;
  });
  const guest = openGuestChannel({ fromGuest: guestSocket, toGuest: guestSocket, holdUntilHeard: false });
  try {
    return { qmp: await openQmp(qmpSocket, signal), guest };
  } catch (error) {
    qmpSocket.destroy();
    guest.close();
    throw error;
  }
}
