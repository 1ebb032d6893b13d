import { setTimeout as after } from 'node:timers/promises';

/** Waits so long, or until the signal is aborted. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await after(milliseconds, undefined, { signal }).catch(() => undefined);
}
