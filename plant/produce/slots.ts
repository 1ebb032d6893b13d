import { asVmplantsError, VmplantsError } from '../../model/errors.js';

/** Bounds how many pieces of work run at the same time, and how many may wait for their turn. */
export interface Slots {
  /**
   * Takes a slot or a place in the queue, at once.
   * @throws VmplantsError RESOURCE_EXHAUSTED, BUSY, when the queue is full
   */
  readonly enter: () => Ticket;
}

export interface Ticket {
  /** Resolves when it is this one's turn; rejects with the signal's reason when aborted first. */
  readonly turn: (signal: AbortSignal) => Promise<void>;
  /** Gives the slot, or the place in the queue, back. Repeatable. */
  readonly leave: () => void;
}

export function createSlots(atOnce: number, mayWait: number): Slots {
  const running = new Set<object>();
  const queue: { readonly ticket: object; readonly start: () => void }[] = [];

  const admit = (): void => {
    while (running.size < atOnce) {
      const next = queue.shift();
      if (next === undefined) return;
      running.add(next.ticket);
      next.start();
    }
  };

  return {
    enter: () => {
      if (running.size >= atOnce && queue.length >= mayWait) {
        throw new VmplantsError(
          'RESOURCE_EXHAUSTED',
          `the plant is making ${running.size} VMs and ${queue.length} more are waiting`,
          { reason: 'BUSY', hint: 'Try again in a few seconds, or on another plant.' },
        );
      }
      const ticket = {};
      const started = new Promise<void>((start) => {
        queue.push({ ticket, start });
        admit();
      });
      return {
        turn: (signal) =>
          new Promise((resolve, reject) => {
            const onAbort = (): void => reject(asVmplantsError(signal.reason));
            if (signal.aborted) onAbort();
            signal.addEventListener('abort', onAbort, { once: true });
            void started.then(() => {
              signal.removeEventListener('abort', onAbort);
              resolve();
            });
          }),
        leave: () => {
          running.delete(ticket);
          const place = queue.findIndex((waiting) => waiting.ticket === ticket);
          if (place >= 0) queue.splice(place, 1);
          admit();
        },
      };
    },
  };
}
