import { once } from 'node:events';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Console } from '../../console.js';
import { throwIfAborted } from '../../untilAborted.js';
import { CLONE_FILES } from './cloneFiles.js';
import { openPipeSocket } from './pipe.js';

/** What is kept of the output, for the message when the machine ends. */
const TAIL_BYTES = 4096;
/** What waits for a viewer that reads slowly; more is lost to it, and nobody else waits. */
const VIEWER_BYTES = 256 * 1024;
/** Pause after each part that was read (at most 64 KiB): a guest that floods its console does not keep the plant busy. */
const PAUSE_MILLISECONDS = 20;

/** The guest's console, which is read all the time: a guest must not wait for somebody to look at it. */
export interface SerialConsole {
  open(signal: AbortSignal): Promise<Console>;
  /** The end of what the guest wrote. */
  tail(): string;
  close(): void;
}

export function openSerialConsole(directory: string): SerialConsole {
  const output = openPipeSocket(join(directory, CLONE_FILES.fromConsole), 'read');
  let input: Socket;
  try {
    input = openPipeSocket(join(directory, CLONE_FILES.toConsole), 'write');
  } catch (error) {
    output.destroy();
    throw error;
  }
  for (const end of [output, input]) end.on('error', () => undefined);
  const viewers = new Set<PassThrough>();
  let kept = Buffer.alloc(0);
  let pause: NodeJS.Timeout | undefined;
  const resume = (): void => {
    pause = undefined;
    output.resume();
  };
  output.on('data', (bytes: Buffer) => {
    kept = Buffer.concat([kept, bytes]).subarray(-TAIL_BYTES);
    for (const viewer of viewers) if (viewer.writableLength < VIEWER_BYTES) viewer.write(bytes);
    output.pause();
    pause = setTimeout(resume, PAUSE_MILLISECONDS);
  });
  output.once('close', () => {
    clearTimeout(pause);
    for (const viewer of viewers) viewer.end();
  });

  return {
    async open(signal) {
      throwIfAborted(signal);
      const viewer = new PassThrough();
      viewers.add(viewer);
      const close = (): void => {
        viewers.delete(viewer);
        signal.removeEventListener('abort', close);
        viewer.end();
      };
      signal.addEventListener('abort', close, { once: true });
      return {
        output: viewer,
        write: async (data) => {
          if (!input.write(data)) await once(input, 'drain', { signal });
        },
        close,
      };
    },
    tail: () => kept.toString('utf8'),
    close() {
      output.destroy();
      input.destroy();
    },
  };
}
