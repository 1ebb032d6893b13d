import { setTimeout as after } from 'node:timers/promises';
import { asVmplantsError, VmplantsError } from '../model/errors.js';
import type { Log } from './log.js';

/** A piece of work that nobody waits for. */
export interface BackgroundTask {
  /** For people, for example `baking learned-3f2a`. */
  readonly what: string;
  /** Whether a creation that begins ends it. Only what is over in a moment may say no. */
  readonly yields: boolean;
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** Who has such work. Asked again after every piece, and when woken. */
export interface BackgroundSource {
  /** What is to be done next; undefined for nothing now. Quick, because it is asked between creations. */
  readonly next: () => BackgroundTask | undefined;
}

/** Does such work one piece at a time, only while no creation goes on. */
export interface Background {
  /** Asks the sources again as soon as the plant is idle. */
  readonly wake: () => void;
  /** What is being done now, for people. */
  readonly doing: () => string | undefined;
  /** A creation has begun: ends what yields, and begins nothing until `idle`. */
  readonly busy: () => void;
  /** The last creation is over. */
  readonly idle: () => void;
  /** Resolves when nothing is being done and no source has anything to do, or when closed. For tests and benches. */
  readonly settled: () => Promise<void>;
  /** Ends what is being done. */
  readonly close: () => Promise<void>;
}

export interface BackgroundOptions {
  /** The most urgent first. */
  readonly sources: readonly BackgroundSource[];
  /** How long there must have been no creation before work begins: a burst is not over at its first pause. */
  readonly quietMilliseconds: number;
  /** How often the sources are asked without being woken: what they decide depends on the time. */
  readonly everyMilliseconds: number;
  readonly log: Log;
}

/** After work that failed, the next is not begun at once: what fails fast must not fail all the time. */
const AFTER_FAILURE_MILLISECONDS = 1000;

export function startBackground(options: BackgroundOptions): Background {
  const { sources, log } = options;
  const closing = new AbortController();
  const settledWaiters = new Set<() => void>();
  let busy = false;
  let current: { readonly task: BackgroundTask; readonly end: AbortController } | undefined;
  let nudge: () => void = () => undefined;
  let woken = true;
  let changed = 0;

  const wake = (): void => {
    woken = true;
    nudge();
  };

  /** Until woken, or the time is over. */
  const rest = async (milliseconds: number): Promise<void> => {
    if (woken || closing.signal.aborted) return;
    const end = new AbortController();
    nudge = () => end.abort();
    await after(milliseconds, undefined, { signal: end.signal, ref: false }).catch(() => undefined);
  };

  const carryOut = async (task: BackgroundTask): Promise<void> => {
    const end = new AbortController();
    current = { task, end };
    const failure = await task.run(end.signal).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    current = undefined;
    if (failure === undefined) return;
    if (end.signal.aborted) {
      log.info({ what: task.what }, 'work in the background gave way');
      return;
    }
    log.warn({ what: task.what, err: asVmplantsError(failure.error) }, 'work in the background failed');
    await after(AFTER_FAILURE_MILLISECONDS, undefined, { signal: closing.signal, ref: false }).catch(
      () => undefined,
    );
  };

  const nextTask = (): BackgroundTask | undefined => {
    for (const source of sources) {
      try {
        const task = source.next();
        if (task !== undefined) return task;
      } catch (error) {
        // The others' work goes on.
        log.error({ err: asVmplantsError(error) }, 'a source of work in the background failed');
      }
    }
    return undefined;
  };

  /** Whether nothing has been begun for the quiet time. */
  const isQuiet = async (): Promise<boolean> => {
    const before = changed;
    await after(options.quietMilliseconds, undefined, { signal: closing.signal, ref: false }).catch(
      () => undefined,
    );
    return !busy && changed === before;
  };

  const loop = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      woken = false;
      const task = !busy && (await isQuiet()) && !closing.signal.aborted ? nextTask() : undefined;
      if (task === undefined) {
        if (!busy && !woken) {
          for (const settled of settledWaiters) settled();
          settledWaiters.clear();
        }
        await rest(options.everyMilliseconds);
      } else {
        await carryOut(task);
        woken = true;
      }
    }
  };
  const over = loop();

  return {
    wake,
    doing: () => current?.task.what,
    busy: () => {
      busy = true;
      changed += 1;
      if (current?.task.yields === true) {
        current.end.abort(
          new VmplantsError('ABORTED', 'a creation has begun', { reason: 'YIELDED_TO_CREATION' }),
        );
      }
    },
    idle: () => {
      busy = false;
      changed += 1;
      wake();
    },
    settled: () =>
      new Promise((resolve) => {
        if (closing.signal.aborted) {
          resolve();
          return;
        }
        settledWaiters.add(resolve);
        wake();
      }),
    close: async () => {
      const ending = new VmplantsError('ABORTED', 'the plant is shutting down', { reason: 'SHUTTING_DOWN' });
      closing.abort(ending);
      current?.end.abort(ending);
      nudge();
      await over;
      for (const settled of settledWaiters) settled();
      settledWaiters.clear();
    },
  };
}
