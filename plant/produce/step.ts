import type { VmRecord } from '../info/record.js';

/** The steps of a production, in order. */
export const STEP_NAMES = ['reserve', 'clone', 'start', 'configure', 'record'] as const;

export type StepName = (typeof STEP_NAMES)[number];

/**
 * A step of a production and its undo, side by side. The log says that a step begins before it does; whatever then
 * happens, its undo leaves nothing of it. The undo knows only the record, so that after a crash it is the same.
 */
export interface Step<Input, Output> {
  readonly name: StepName;
  readonly do: (input: Input, signal: AbortSignal) => Promise<Output>;
  /** Repeatable, also after a `do` that was only half done or never begun. */
  readonly undo: (record: VmRecord, signal: AbortSignal) => Promise<void>;
}
