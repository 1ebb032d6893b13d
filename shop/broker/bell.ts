/** Wakes the one who waits for something to do. A ring while nobody waits is not lost. */
export interface Bell {
  readonly ring: () => void;
  /** Returns at the next ring, or when the signal is aborted. */
  readonly heard: (signal: AbortSignal) => Promise<void>;
}

export function createBell(): Bell {
  let rung = false;
  let wake: () => void = () => undefined;
  const ring = (): void => {
    rung = true;
    wake();
  };
  return {
    ring,
    heard: async (signal) => {
      signal.addEventListener('abort', ring, { once: true });
      try {
        if (!rung && !signal.aborted) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        rung = false;
      } finally {
        signal.removeEventListener('abort', ring);
      }
    },
  };
}
