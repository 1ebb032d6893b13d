import { VmplantsError } from '../model/errors.js';

/** How much work is done at once, and how much may wait for it. */
export interface Admission {
  /**
   * A place in the queue, or RESOURCE_EXHAUSTED at once when the queue is full. The work may begin when `turn` is
   * fulfilled, and must call `leave` when it has ended, whether or not its turn had come.
   */
  enter(): Place;
}

interface Place {
  readonly turn: Promise<void>;
  /** Repeatable. */
  readonly leave: () => void;
}

/** First come, first served: `atOnce` at a time, `waiting` behind them. */
export function boundedAdmission(atOnce: number, waiting: number): Admission {
  let running = 0;
  const queue: (() => void)[] = [];
  const next = (): void => {
    const start = queue.shift();
    if (start === undefined) running -= 1;
    else start();
  };
  return {
    enter: () => {
      if (running < atOnce) {
        running += 1;
        return { turn: Promise.resolve(), leave: onlyOnce(next) };
      }
      if (queue.length >= waiting) {
        throw new VmplantsError(
          'RESOURCE_EXHAUSTED',
          `${running} creations are in progress and ${queue.length} are waiting, which is as many as this shop takes`,
          { reason: 'SHOP_BUSY', hint: 'try again in a few seconds' },
        );
      }
      let start: () => void = () => {};
      const turn = new Promise<void>((resolve) => {
        start = resolve;
      });
      const begin = (): void => start();
      queue.push(begin);
      const leave = onlyOnce(() => {
        const position = queue.indexOf(begin);
        if (position === -1) next();
        else queue.splice(position, 1);
      });
      return { turn, leave };
    },
  };
}

function onlyOnce(act: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    act();
  };
}
