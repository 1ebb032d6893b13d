import { connectUnix } from '../../plant/line/qemu/unixSocket.js';

/** What a guest writes to its serial console, from now on. */
export interface SerialConsole {
  /** Everything so far. */
  text(): string;
  /**
   * Resolves as soon as everything so far matches. Rejects when the signal is aborted or the console ends, with the
   * end of what the guest wrote.
   */
  until(pattern: RegExp, signal: AbortSignal): Promise<void>;
  close(): void;
}

const TAIL_CHARACTERS = 2000;

/** Connects to the console of a machine that is still paused, so that no word of it is missed. */
export async function openSerialConsole(path: string, signal: AbortSignal): Promise<SerialConsole> {
  const socket = await connectUnix(path, signal);
  let text = '';
  let ended = false;
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };
  socket.setEncoding('utf8');
  socket.on('data', (part: string) => {
    text += part;
    tell();
  });
  // An error is followed by the end.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    ended = true;
    tell();
  });
  return {
    text: () => text,
    close: () => socket.destroy(),
    until: (pattern, until) =>
      new Promise((resolve, reject) => {
        const settle = (outcome: () => void): void => {
          listeners.delete(look);
          until.removeEventListener('abort', look);
          outcome();
        };
        const look = (): void => {
          if (pattern.test(text)) settle(resolve);
          else if (ended || until.aborted) {
            const why = ended ? 'the console ended' : String(until.reason);
            const last = text.slice(-TAIL_CHARACTERS);
            settle(() => reject(new Error(`${why}; before ${pattern} was seen; last words:\n${last}`)));
          }
        };
        listeners.add(look);
        until.addEventListener('abort', look);
        look();
      }),
  };
}
