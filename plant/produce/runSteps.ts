import type { PlantParts } from '../parts.js';
import { throwIfAborted } from '../untilAborted.js';
import type { Step, StepName } from './step.js';

/** Carries out the steps of one production and remembers what would have to be undone. */
export interface StepRunner {
  /** Notes a step as done that wrote its own log entry, because it made the record. */
  readonly begun: (step: Undoable) => void;
  /** Logs the step, then does it. After an error the step is still among those to undo. */
  readonly perform: <Input, Output>(
    step: Step<Input, Output>,
    input: Input,
    signal: AbortSignal,
  ) => Promise<Output>;
  /** How many steps there are to undo. */
  readonly depth: () => number;
  /**
   * Undoes the steps above the depth, the last one first, each within its own deadline. Rejects when one cannot be
   * undone; the rest is left for a later try, in the same order.
   */
  readonly unwind: (depth: number) => Promise<void>;
}

type Undoable = Pick<Step<never, unknown>, 'name' | 'undo'>;

export function createStepRunner(
  parts: Pick<PlantParts, 'info' | 'crashPoint' | 'deadlines' | 'log'>,
  vmid: string,
): StepRunner {
  const begun: Undoable[] = [];
  return {
    begun: (step) => {
      begun.push(step);
    },
    perform: async (step, input, signal) => {
      throwIfAborted(signal);
      parts.info.logStep(vmid, step.name, 'do');
      begun.push(step);
      await parts.crashPoint(`${step.name}:logged`);
      const output = await step.do(input, signal);
      await parts.crashPoint(`${step.name}:done`);
      return output;
    },
    depth: () => begun.length,
    unwind: async (depth) => {
      for (let step = begun.at(-1); step !== undefined && begun.length > depth; step = begun.at(-1)) {
        await undoStep(parts, vmid, step);
        begun.pop();
      }
    },
  };
}

/** Logs and performs one undo, without the log entry where it cannot be written. Nothing happens when the record is gone: its undo is the last of all. */
export async function undoStep(
  parts: Pick<PlantParts, 'info' | 'crashPoint' | 'deadlines' | 'log'>,
  vmid: string,
  step: { readonly name: StepName; readonly undo: Undoable['undo'] },
): Promise<void> {
  const record = parts.info.get(vmid);
  if (record === undefined) return;
  try {
    parts.info.logStep(vmid, step.name, 'undo');
  } catch (error) {
    // On a full disk, what is undone makes the room to write in. Recovery goes by what was begun and undoes it again.
    parts.log.warn(
      { vmid, step: step.name, err: error },
      'an undo could not be logged; it is done all the same',
    );
  }
  await parts.crashPoint(`${step.name}:undoing`);
  await step.undo(record, AbortSignal.timeout(parts.deadlines.undoMilliseconds));
}
