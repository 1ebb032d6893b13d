import type { ProductionLine } from '../../plant/line/line.js';
import { type TimedCall, timedCalls } from './timedCalls.js';

/** The line, whose calls and those of its machines are told, and when a guest says that it is done. */
export function watchedLine(
  line: ProductionLine,
  now: () => number,
  note: (call: TimedCall) => void,
): ProductionLine {
  const timed = timedCalls(line, 'line.', now, note);
  return {
    name: line.name,
    capabilities: line.capabilities,
    environment: line.environment,
    clone: timed.clone,
    adopt: timed.adopt,
    discard: timed.discard,
    start: async (spec, signal) => {
      const machine = await timed.start(spec, signal);
      machine.guest.subscribe(({ kind }) => {
        if (kind === 'done') note({ name: 'guest.done', began: now(), ended: now() });
      });
      return timedCalls(machine, 'machine.', now, note);
    },
  };
}
