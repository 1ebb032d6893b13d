import type { VmplantsError } from '../../model/errors.js';
import type { LocatedImage } from '../../model/goldenImage.js';
import type { Plan, Rung } from '../../model/plan.js';
import type { ReportProgress } from '../../model/progress.js';
import type { ConfigurationResult } from '../configure/configuration.js';
import type { RandomBytes } from '../configure/identity.js';
import type { Machine } from '../line/line.js';
import type { PlantParts } from '../parts.js';
import type { ExcludedClone } from '../planner/query.js';
import type { Attempt, AttemptFor } from './attempt.js';
import type { Planned } from './planOrder.js';
import type { Steps } from './steps.js';

/** A production that has been accepted: its record exists. */
export interface Accepted {
  readonly wanted: AttemptFor;
  readonly attempt: Attempt;
  readonly keepFailed: boolean;
  /** Of the plant's monotonic clock, when the request came. */
  readonly began: number;
  /** Resolves when the prepared machines that have to make room for it have ended. Never rejects. */
  readonly room: Promise<void>;
}

export interface ProduceTools {
  readonly parts: PlantParts;
  readonly steps: Steps;
  /** Waits until this production may run. */
  readonly turn: (signal: AbortSignal) => Promise<void>;
  /** Plans the order again without the clones that have failed. */
  readonly planAgain: (excluded: readonly ExcludedClone[]) => Planned | undefined;
  readonly takenMacs: () => ReadonlySet<string>;
  readonly random: RandomBytes;
  readonly onPlan: (plan: Plan) => void;
  /** A clone on this rung could not be brought to confirm its identity. */
  readonly onRungFailed: (image: LocatedImage, rung: Rung, reason: VmplantsError) => void;
  readonly progress: ReportProgress;
}

/** A machine that has been configured and is not yet the client's. */
export interface Configured {
  readonly attempt: Attempt;
  readonly machine: Machine;
  readonly configuration: ConfigurationResult;
  readonly seconds: { readonly clone: number; readonly start: number };
}
