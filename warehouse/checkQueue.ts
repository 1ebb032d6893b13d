/**
 * Decides when images are looked at. Something that happens to an image is followed by a glance at once, if it is
 * in use, and by a full check when it has been quiet for a while: a copy under way makes events all the time. One
 * image is never looked at twice at once, and only a few are read at the same time.
 */
export interface CheckQueue {
  /** Something happened to the image of this name. */
  touched(name: string): void;
  /** Checks it now, whatever else happened to it. Resolves when that is done. */
  check(name: string): Promise<void>;
  /** Begins nothing more and waits for what is under way. */
  close(): Promise<void>;
}

export interface CheckQueueOptions {
  readonly atOnce: number;
  readonly quietMilliseconds: number;
  /** The full check. Must not reject. */
  readonly check: (name: string) => Promise<void>;
  /** The quick look. Must not reject. Undefined: nothing of that name is in use. */
  readonly glance: (name: string) => Promise<void> | undefined;
}

export function createCheckQueue(options: CheckQueueOptions): CheckQueue {
  const timers = new Map<string, NodeJS.Timeout>();
  const waiting = new Map<string, (() => void)[]>();
  const active = new Map<string, Promise<void>>();
  /** Something happened to these while they were looked at, which may have come too late to be seen. */
  const missed = new Set<string>();
  let checking = 0;
  let closed = false;

  const enqueue = (name: string, done?: () => void) => {
    const listeners = waiting.get(name) ?? [];
    if (done !== undefined) listeners.push(done);
    waiting.set(name, listeners);
    pump();
  };

  const begin = (name: string, work: Promise<void>, ended: () => void) => {
    active.set(
      name,
      work.finally(() => {
        active.delete(name);
        ended();
        pump();
        if (missed.delete(name) && !closed && !active.has(name)) glance(name);
      }),
    );
  };

  const glance = (name: string) => {
    const work = options.glance(name);
    if (work !== undefined) begin(name, work, () => undefined);
  };

  const pump = () => {
    if (closed) return;
    for (const [name, listeners] of waiting) {
      if (checking >= options.atOnce) return;
      if (active.has(name)) continue;
      waiting.delete(name);
      checking += 1;
      begin(name, options.check(name), () => {
        checking -= 1;
        for (const listener of listeners) listener();
      });
    }
  };

  return {
    touched(name) {
      if (closed) return;
      const timer = timers.get(name);
      if (timer !== undefined) timer.refresh();
      else {
        const quiet = () => {
          timers.delete(name);
          enqueue(name);
        };
        timers.set(name, setTimeout(quiet, options.quietMilliseconds));
      }
      if (active.has(name)) missed.add(name);
      else glance(name);
    },
    check: (name) =>
      new Promise((resolve) => {
        if (closed) resolve();
        else enqueue(name, resolve);
      }),
    async close() {
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      await Promise.all(active.values());
      for (const listeners of waiting.values()) for (const listener of listeners) listener();
      waiting.clear();
    },
  };
}
