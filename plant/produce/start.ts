import type { Machine } from '../line/line.js';
import type { PlantParts } from '../parts.js';
import { withDeadline } from '../untilAborted.js';
import type { Attempt } from './attempt.js';
import { discardClone } from './discardClone.js';
import type { Step } from './step.js';

/**
 * Starts the monitor with the machine paused, and records which process it is. Undone by ending the process; the line
 * also finds one that was started in the moment before it was recorded.
 */
export function createStartStep(
  parts: Pick<PlantParts, 'lines' | 'info' | 'deadlines' | 'log'>,
): Step<Attempt, Machine> {
  return {
    name: 'start',
    do: async ({ line, spec }, signal) => {
      const machine = await withDeadline(signal, parts.deadlines.startMilliseconds, (within) =>
        line.start(spec, within),
      );
      parts.info.update(spec.vmid, { process: machine.process });
      return machine;
    },
    undo: (record, signal) => discardClone(parts, record, signal),
  };
}
