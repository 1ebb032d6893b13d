import { untilAborted } from '../../untilAborted.js';
import type { MachineExit } from '../line.js';

/** The exit, or undefined when the grace is over first. */
export async function graceful(
  exited: Promise<MachineExit>,
  milliseconds: number,
  signal: AbortSignal,
): Promise<MachineExit | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await untilAborted(Promise.race([exited, over]), signal);
  } finally {
    clearTimeout(timer);
  }
}
