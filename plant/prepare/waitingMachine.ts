import type { LocatedImage } from '../../model/goldenImage.js';
import type { LineEnvironment } from '../../model/lineEnvironment.js';
import type { Machine } from '../line/line.js';
import type { PreparedMachine } from './prepared.js';
import { canBeMade } from './preparePoint.js';

/** A machine that waits, resumed or booted, and belongs to nobody yet. */
export interface WaitingMachine {
  readonly record: PreparedMachine;
  readonly machine: Machine;
  /** As it was when the machine was made, or found again after a restart. */
  readonly image: LocatedImage;
}

/** Whether the machine is still what a clone of its image on its line and rung would be now, for the same users. */
export function isFresh(
  { record, image }: Pick<WaitingMachine, 'record' | 'image'>,
  now: LocatedImage | undefined,
  lines: readonly LineEnvironment[],
): boolean {
  if (now === undefined || !canBeMade(record, now.descriptor, lines)) return false;
  const [after, before] = [now.descriptor, image.descriptor];
  return (
    after === before ||
    (after.created === before.created &&
      after.owner === before.owner &&
      after.policy?.shared === before.policy?.shared &&
      after.memory?.file === before.memory?.file)
  );
}
