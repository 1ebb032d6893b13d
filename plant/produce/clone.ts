import type { PlantParts } from '../parts.js';
import { withDeadline } from '../untilAborted.js';
import type { Attempt } from './attempt.js';
import { discardClone } from './discardClone.js';
import type { Step } from './step.js';

/** Makes the files of the clone, copy-on-write. Undone by removing them. */
export function createCloneStep(
  parts: Pick<PlantParts, 'lines' | 'info' | 'deadlines' | 'log'>,
): Step<Attempt, void> {
  return {
    name: 'clone',
    do: async ({ line, spec }, signal) => {
      await withDeadline(signal, parts.deadlines.cloneMilliseconds, (within) => line.clone(spec, within));
    },
    undo: (record, signal) => discardClone(parts, record, signal),
  };
}
