import type { GoldenImage } from '../../model/goldenImage.js';
import type { CompiledOrder } from './compiledOrder.js';
import type { Failure } from './failure.js';
import type { Admits } from './replay.js';

/**
 * Whether the entry was performed recently enough to be the action: no longer ago than the action's maximum age. An
 * entry without a readable time is never recent enough; one from the future (clocks differ) always is.
 */
export function admitsAge(order: CompiledOrder, image: GoldenImage, now: number): Admits {
  return (node, place) => {
    const maxAge = order.actions[node]?.maxAgeSeconds;
    if (maxAge === undefined) return true;
    const entry = image.performed[place];
    return entry !== undefined && now - Date.parse(entry.performedAt) <= maxAge * 1000;
  };
}

/** It fails at the first entry that no replay of recent enough entries reaches. */
export function maxAgeFailure(order: CompiledOrder, image: GoldenImage, place: number, now: number): Failure {
  const entry = image.performed[place];
  const node = entry === undefined ? undefined : order.candidates.get(entry.key)?.[0];
  const action = node === undefined ? undefined : order.actions[node];
  return {
    test: 'max-age',
    ...(action === undefined ? {} : { action: action.name }),
    describe: () => {
      const performed = Date.parse(entry?.performedAt ?? '');
      const limit = action?.maxAgeSeconds;
      const bound =
        limit === undefined ? 'longer ago than the order allows' : `the order allows at most ${limit} s`;
      return Number.isNaN(performed)
        ? `it performed "${action?.name}" at an unknown time; ${bound}`
        : `it performed "${action?.name}" ${Math.round((now - performed) / 1000)} s ago; ${bound}`;
    },
  };
}
