import type { PlantParts } from '../parts.js';
import type { Attempt } from './attempt.js';
import { discardClone } from './discardClone.js';
import type { Step } from './step.js';

/** Makes the files of the clone, copy-on-write. Undone by removing them. */
export function createCloneStep(
  parts: Pick<PlantParts, 'lines' | 'info' | 'deadlines'>,
): Step<Attempt, void> {
  return {
    name: 'clone',
    do: async ({ line, spec }, signal) => {
      const within = AbortSignal.any([signal, AbortSignal.timeout(parts.deadlines.cloneMilliseconds)]);
      await line.clone(spec, within);
    },
    undo: (record, signal) => discardClone(parts, record, signal),
  };
}
