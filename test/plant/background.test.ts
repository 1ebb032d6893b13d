import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Background, type BackgroundTask, startBackground } from '../../plant/background.js';
import { rememberingLog } from './produce/rig.js';

let log: ReturnType<typeof rememberingLog>;
let backgrounds: Background[];
beforeEach(() => {
  log = rememberingLog();
  backgrounds = [];
});
afterEach(async () => {
  await Promise.all(backgrounds.map((background) => background.close()));
});

/** A source that gives these, one after the other. */
function queue(...tasks: BackgroundTask[]): {
  readonly next: () => BackgroundTask | undefined;
  asked: number;
} {
  const source = {
    asked: 0,
    next: () => {
      source.asked += 1;
      return tasks.shift();
    },
  };
  return source;
}

function start(...sources: { readonly next: () => BackgroundTask | undefined }[]): Background {
  const background = startBackground({
    sources,
    quietMilliseconds: 1,
    everyMilliseconds: 3_600_000,
    log,
  });
  backgrounds.push(background);
  return background;
}

/** A task that goes on until it is told to end, or is let go. */
function endless(yields: boolean): {
  readonly task: BackgroundTask;
  readonly begun: Promise<AbortSignal>;
  readonly letGo: () => void;
} {
  let begin: (signal: AbortSignal) => void = () => undefined;
  let letGo: () => void = () => undefined;
  const begun = new Promise<AbortSignal>((resolve) => {
    begin = resolve;
  });
  const task: BackgroundTask = {
    what: 'going on',
    yields,
    run: (signal) =>
      new Promise((resolve, reject) => {
        letGo = resolve;
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        begin(signal);
      }),
  };
  return { task, begun, letGo: () => letGo() };
}

const done: string[] = [];
const task = (what: string, run: () => Promise<void> = async () => undefined): BackgroundTask => ({
  what,
  yields: true,
  run: async () => {
    await run();
    done.push(what);
  },
});
beforeEach(() => {
  done.length = 0;
});

describe('work in the background', () => {
  test('is done one piece at a time, the most urgent source first', async () => {
    const background = start(queue(task('a'), task('b')), queue(task('c')));
    await background.settled();
    expect(done).toEqual(['a', 'b', 'c']);
    expect(background.doing()).toBeUndefined();
  });

  test('is asked for again when woken', async () => {
    const tasks: BackgroundTask[] = [];
    const background = start({ next: () => tasks.shift() });
    await background.settled();
    tasks.push(task('later'));
    background.wake();
    await background.settled();
    expect(done).toEqual(['later']);
  });

  test('gives way to a creation, and goes on after it', async () => {
    const first = endless(true);
    const background = start(queue(first.task, task('next')));
    const signal = await first.begun;
    expect(background.doing()).toBe('going on');
    background.busy();
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toMatchObject({ code: 'ABORTED', reason: 'YIELDED_TO_CREATION' });
    let over = false;
    const settled = background.settled().then(() => {
      over = true;
    });
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(over).toBe(false);
    expect(done).toEqual([]);
    background.idle();
    await settled;
    expect(done).toEqual(['next']);
    expect(log.lines.some((line) => line.startsWith('work in the background gave way'))).toBe(true);
    expect(log.lines.some((line) => line.includes('failed'))).toBe(false);
  });

  test('begins nothing while a creation goes on', async () => {
    const source = queue(task('a'));
    const background = start(source);
    background.busy();
    background.wake();
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(source.asked).toBe(0);
    background.idle();
    await background.settled();
    expect(done).toEqual(['a']);
  });

  test('what is over in a moment is not ended', async () => {
    const moment = endless(false);
    const background = start(queue(moment.task));
    const signal = await moment.begun;
    background.busy();
    expect(signal.aborted).toBe(false);
    moment.letGo();
    background.idle();
    await background.settled();
  });

  test('goes on after what failed, and after a source that fails', async () => {
    const failing = queue(
      task('bad', () => Promise.reject(new Error('no luck'))),
      task('good'),
    );
    const broken = {
      next: (): BackgroundTask | undefined => {
        throw new Error('broken source');
      },
    };
    const background = start(broken, failing);
    await background.settled();
    expect(done).toEqual(['good']);
    expect(log.lines.filter((line) => line.startsWith('work in the background failed'))).toHaveLength(1);
    expect(log.lines.some((line) => line.startsWith('a source of work in the background failed'))).toBe(true);
  });

  test('closing ends what is being done and begins no more', async () => {
    const going = endless(false);
    const source = queue(going.task, task('never'));
    const background = start(source);
    const signal = await going.begun;
    await background.close();
    expect(signal.reason).toMatchObject({ reason: 'SHUTTING_DOWN' });
    expect(done).toEqual([]);
    await background.settled();
  });
});
