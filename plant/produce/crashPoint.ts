import type { CrashPoint } from '../parts.js';
import { STEP_NAMES } from './step.js';

/**
 * Every crash point: of a production, before a step's work, after it, and before its undo, and after a machine that
 * waited was handed out to it; and of a machine that is prepared, once it is recorded, started, and ready to wait.
 */
export const CRASH_POINTS: readonly string[] = [
  ...STEP_NAMES.flatMap((step) => [`${step}:logged`, `${step}:done`, `${step}:undoing`]),
  'hand-out:done',
  'prepare:logged',
  'prepare:started',
  'prepare:done',
];

/**
 * A crash point that calls `die` at the named place, or none when no name is given.
 * @throws RangeError when there is no such place, so that a misspelt test does not pass
 */
export function crashPointAt(name: string | undefined, die: () => void): CrashPoint {
  if (name === undefined) return () => undefined;
  if (!CRASH_POINTS.includes(name)) {
    throw new RangeError(`no crash point ${name}; there are ${CRASH_POINTS.join(', ')}`);
  }
  return (point) => {
    if (point === name) die();
  };
}
