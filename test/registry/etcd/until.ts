import { setTimeout as after } from 'node:timers/promises';

/** Waits until something is so; rejects, naming it, when it is not in time. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  milliseconds = 20_000,
): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not so within ${milliseconds} ms: ${what}`);
    await after(25);
  }
}
