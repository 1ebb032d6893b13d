import { join } from 'node:path';
import type { ProcessIdentity } from '../line.js';
import { processesWith } from '../process/processIdentity.js';
import { CLONE_FILES } from './cloneFiles.js';

/**
 * The monitor that runs the clone in the directory, found among all processes: this emulator, with this clone's monitor
 * socket among its arguments.
 */
export function findMonitor(directory: string, binary: string): ProcessIdentity | undefined {
  const argument = `socket,id=qmp,path=${join(directory, CLONE_FILES.qmpSocket).replaceAll(',', ',,')},server=on,wait=off`;
  return processesWith(argument, [binary])[0]?.identity;
}
