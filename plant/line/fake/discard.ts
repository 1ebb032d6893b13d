import { rm } from 'node:fs/promises';
import { KILLED, type RunningMachine } from './running.js';

/** Ends the machine, if it runs, and removes the clone's files. */
export async function discard(directory: string, running: RunningMachine | undefined): Promise<void> {
  running?.end(KILLED);
  await rm(directory, { recursive: true, force: true });
}
