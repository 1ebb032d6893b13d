import { migrateToFile } from './migrateToFile.js';
import { migrateDevices } from './migration.js';
import type { QmpClient } from './qmp.js';

/**
 * Saves the state of a stopped machine's devices to a file.
 * @param socketPath where a socket may be for that long
 */
export function saveDeviceState(
  qmp: QmpClient,
  socketPath: string,
  target: string,
  signal: AbortSignal,
): Promise<void> {
  const send = (uri: string) => migrateDevices(qmp, () => qmp.execute('migrate', { uri }, signal), signal);
  return migrateToFile(socketPath, target, send, signal);
}
