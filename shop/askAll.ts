import { asVmplantsError, type VmplantsError } from '../model/errors.js';
import type { CallOptions } from '../proto/channel.js';
import type { PlantClient } from '../proto/plantClient.js';

/** What one plant said, or why it said nothing. */
export type Answer<T> =
  | { readonly kind: 'answer'; readonly plant: PlantClient; readonly value: T }
  | { readonly kind: 'error'; readonly plant: PlantClient; readonly error: VmplantsError };

/**
 * Asks all plants at once and waits for all, each until the deadline at most: one that stalls costs the deadline,
 * never more. Answers are in the order of the plants. Rejects only when the signal was aborted.
 */
export async function askAll<T>(
  plants: readonly PlantClient[],
  options: CallOptions,
  ask: (plant: PlantClient, options: CallOptions) => Promise<T>,
): Promise<readonly Answer<T>[]> {
  const answers = await Promise.all(
    plants.map(async (plant): Promise<Answer<T>> => {
      try {
        return { kind: 'answer', plant, value: await ask(plant, options) };
      } catch (thrown) {
        return { kind: 'error', plant, error: asVmplantsError(thrown) };
      }
    }),
  );
  options.signal?.throwIfAborted();
  return answers;
}
