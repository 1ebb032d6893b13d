import { asVmplantsError, VmplantsError } from '../model/errors.js';
import type { CallOptions } from '../proto/channel.js';
import { openFanOut } from '../proto/fanOut.js';
import type { PlantClient } from '../proto/plantClient.js';
import type { Answer } from './askAll.js';

export interface Patience<T> {
  /** Whether the plant may not answer at all. */
  readonly isSuspect: (plant: PlantClient) => boolean;
  /** Whether this answer is what is asked for. */
  readonly isEnough: (answer: T) => boolean;
  /** How long suspects are waited for when somebody else gave such an answer. */
  readonly suspectMilliseconds: number;
  /** Hears every answer, also one that came too late to be waited for. */
  readonly heard: (answer: Answer<T>) => void;
}

/** Reason of the error of a plant that was not waited for. */
export const LEFT_OUT = 'LEFT_OUT';

/**
 * Puts one question to all these plants at once. All are waited for, until the deadline at most; but suspects only for a
 * moment when somebody else has answered what was asked for, so that a plant that stands still costs one auction its
 * deadline, not each. Who is not waited for is left to its own deadline, and has the error DEADLINE_EXCEEDED. Answers are
 * in the order of the plants. Rejects only when the signal was aborted. All calls must be made with the given options
 * and one request object.
 */
export async function askWave<T>(
  plants: readonly PlantClient[],
  options: CallOptions,
  patience: Patience<T>,
  ask: (plant: PlantClient, options: CallOptions) => Promise<T>,
): Promise<readonly Answer<T>[]> {
  const fanOut = openFanOut(options.signal);
  const call: CallOptions = { ...options, fanOut };
  const answers: (Answer<T> | undefined)[] = plants.map(() => undefined);
  const suspects = new Set(plants.filter(patience.isSuspect));
  let trustedOpen = plants.length - suspects.size;
  let suspectsOpen = suspects.size;
  let enough = false;
  let waited = false;
  await new Promise<void>((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const settle = (): void => {
      if (trustedOpen > 0 || (suspectsOpen > 0 && !(enough && waited))) return;
      clearTimeout(timer);
      resolve();
    };
    if (suspectsOpen > 0) {
      timer = setTimeout(() => {
        waited = true;
        settle();
      }, patience.suspectMilliseconds);
    }
    const take = (place: number, answer: Answer<T>): void => {
      answers[place] = answer;
      if (suspects.has(answer.plant)) suspectsOpen -= 1;
      else trustedOpen -= 1;
      enough ||= answer.kind === 'answer' && patience.isEnough(answer.value);
      patience.heard(answer);
      settle();
    };
    plants.forEach((plant, place) => {
      ask(plant, call).then(
        (value) => take(place, { kind: 'answer', plant, value }),
        (thrown: unknown) => take(place, { kind: 'error', plant, error: asVmplantsError(thrown) }),
      );
    });
    settle();
  });
  fanOut.close();
  options.signal?.throwIfAborted();
  return plants.map(
    (plant, place) =>
      answers[place] ?? { kind: 'error', plant, error: leftOut(patience.suspectMilliseconds) },
  );
}

function leftOut(milliseconds: number): VmplantsError {
  return new VmplantsError(
    'DEADLINE_EXCEEDED',
    `it was silent in the last auction, and for ${milliseconds / 1000} s in this one`,
    { reason: LEFT_OUT },
  );
}
