import type { VmplantsError } from '../model/errors.js';
import type { Answer } from './askAll.js';

/** Addresses of the plants that gave no answer, and of those that brokers, which did, could not ask. Each once. */
export function unreachableOf(
  answers: readonly Answer<{ readonly unreachable: readonly string[] }>[],
  isSilence: (error: VmplantsError) => boolean = () => true,
): string[] {
  const silent = answers.flatMap((answer) => {
    if (answer.kind === 'answer') return answer.value.unreachable;
    return isSilence(answer.error) ? [answer.plant.address] : [];
  });
  return [...new Set(silent)];
}
