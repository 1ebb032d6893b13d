import { createRequire } from 'node:module';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { VmplantsError } from '../../model/errors.js';
import { throwIfAborted, untilAborted, withDeadline } from '../untilAborted.js';
import { type DecisionData, decideOnData } from './decide/decisionData.js';
import type { LearningDecision } from './decide/learning.js';
import type { FromDecisionThread, ToDecisionThread } from './decisionThread.js';

/** Actions of all shapes and images together; a decision on fewer takes a few milliseconds. */
const ACTIONS_AT_ONCE = 300;
/** Actions in one message to the thread: written in about a millisecond. */
const ACTIONS_IN_PART = 1_000;
const DEADLINE_MILLISECONDS = 60_000;

/**
 * Decides without keeping this thread from its bids: a large decision is made in a thread of its own.
 * @throws VmplantsError as the signal says; DEADLINE_EXCEEDED; INTERNAL when the thread fails
 */
export async function decideAside(data: DecisionData, signal: AbortSignal): Promise<LearningDecision> {
  throwIfAborted(signal);
  if (weight(data) <= ACTIONS_AT_ONCE) return decideOnData(data);
  return await withDeadline(signal, DEADLINE_MILLISECONDS, async (within) => {
    const worker = startThread();
    try {
      const answer = answerOf(worker);
      // Awaited below; what fails before that must not count as unhandled.
      answer.catch(() => undefined);
      await untilAborted(tell(worker, data, within), within);
      return await untilAborted(answer, within);
    } finally {
      await worker.terminate();
    }
  });
}

function weight(data: DecisionData): number {
  const ofShapes = data.history.reduce((sum, { shape }) => sum + 1 + shape.actions.length, 0);
  return data.images.reduce((sum, { image }) => sum + 1 + image.performed.length, ofShapes);
}

function answerOf(worker: Worker): Promise<LearningDecision> {
  return new Promise((resolve, reject) => {
    const fail = (message: string): void =>
      reject(new VmplantsError('INTERNAL', `the thread that decides about learning: ${message}`));
    worker.once('message', (message: FromDecisionThread) => {
      if (message.kind === 'decision') resolve(message.decision);
      else fail(message.message);
    });
    worker.once('error', (error) => fail(error instanceof Error ? error.message : 'failed'));
    worker.once('exit', () => fail('ended without an answer'));
  });
}

/** Part by part, with a turn of the event loop in between: writing a message takes this thread's time. */
async function tell(worker: Worker, data: DecisionData, signal: AbortSignal): Promise<void> {
  const send = async (message: ToDecisionThread): Promise<void> => {
    worker.postMessage(message);
    await nextTurn();
    throwIfAborted(signal);
  };
  const { history, images, seconds, ...rest } = data;
  for (const part of parts(history, ({ shape, times }) => 1 + shape.actions.length + times.length / 8)) {
    await send({ kind: 'history', part });
  }
  for (const part of parts(images, ({ image }) => 10 + image.performed.length))
    await send({ kind: 'images', part });
  for (const part of parts([...seconds], () => 1)) await send({ kind: 'seconds', part });
  await send({ kind: 'decide', rest });
}

function* parts<T>(all: readonly T[], weigh: (one: T) => number): Generator<readonly T[]> {
  let part: T[] = [];
  let total = 0;
  for (const one of all) {
    part.push(one);
    total += weigh(one);
    if (total < ACTIONS_IN_PART) continue;
    yield part;
    part = [];
    total = 0;
  }
  if (part.length > 0) yield part;
}

/** From the sources, where tests and benches run, the thread has to be taught to read TypeScript first. */
function startThread(): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./decisionThread.js', import.meta.url));
  const program = new URL('./decisionThread.ts', import.meta.url).href;
  const tsx = createRequire(import.meta.url).resolve('tsx/package.json');
  const api = new URL('./dist/esm/api/index.mjs', pathToFileURL(tsx)).href;
  const start = `import { register } from ${JSON.stringify(api)};register();await import(${JSON.stringify(program)});`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(start)}`), { execArgv: [] });
}
