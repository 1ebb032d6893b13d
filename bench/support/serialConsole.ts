import type { Machine } from '../../plant/line/line.js';

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
export async function openSerialConsole(machine: Machine, signal: AbortSignal): Promise<SerialConsole> {
  if (machine.openConsole === undefined) throw new Error(`${machine.vmid} has no console`);
  const console = await machine.openConsole(signal);
  const decoder = new TextDecoder();
  let text = '';
  let ended = false;
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };
  const read = async (): Promise<void> => {
    try {
      for await (const part of console.output) {
        text += decoder.decode(part, { stream: true });
        tell();
      }
    } finally {
      ended = true;
      tell();
    }
  };
  // An error is its end.
  read().catch(() => undefined);
  return {
    text: () => text,
    close: () => console.close(),
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
