import type { VmRecord } from '../info/record.js';
import type { PlantParts } from '../parts.js';
import type { Reservations } from '../reservations.js';
import { createCloneStep } from './clone.js';
import { createConfigureStep } from './configure.js';
import { createRecordStep } from './record.js';
import { createReserveStep } from './reserve.js';
import { createStartStep } from './start.js';
import type { StepName } from './step.js';

/** All steps of a production. */
export interface Steps {
  readonly reserve: ReturnType<typeof createReserveStep>;
  readonly clone: ReturnType<typeof createCloneStep>;
  readonly start: ReturnType<typeof createStartStep>;
  readonly configure: ReturnType<typeof createConfigureStep>;
  readonly record: ReturnType<typeof createRecordStep>;
}

export function createSteps(
  parts: Pick<PlantParts, 'name' | 'info' | 'limits' | 'clock' | 'lines' | 'deadlines' | 'log'>,
  reservations: Pick<Reservations, 'standing' | 'release'>,
): Steps {
  return {
    reserve: createReserveStep(parts, reservations),
    clone: createCloneStep(parts),
    start: createStartStep(parts),
    configure: createConfigureStep(),
    record: createRecordStep(parts),
  };
}

/** The undo of a step by its name, as the log has it. */
export function undoOf(
  steps: Steps,
  name: StepName,
): (record: VmRecord, signal: AbortSignal) => Promise<void> {
  return steps[name].undo;
}
