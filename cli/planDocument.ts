import type { Plan, PlannedAction, PlanResult, Rejection, Rung, Stage } from '../model/plan.js';

/** The JSON and YAML form of the planner's answer. */
export interface PlanDocument {
  /** Chosen golden image; null when none matches. */
  readonly image: string | null;
  readonly rung: Rung | null;
  /** Production line that makes the machine; null when no image matches. */
  readonly line: string | null;
  /** Why not `warm`. */
  readonly rungReason?: string;
  /** Whether a machine serves it that was prepared ahead; null when no image matches. */
  readonly prepared: boolean | null;
  /** Actions that the image brings, in the order in which they ran there. */
  readonly performed: readonly PlannedAction[];
  /** What is left, grouped by ISO; a host action stands alone. */
  readonly stages: readonly StageDocument[];
  /** Names of the actions of all stages, in order. */
  readonly residual: readonly string[];
  /** To the millisecond; null when no image matches, as is `savedSeconds`. */
  readonly residualSeconds: number | null;
  readonly savedSeconds: number | null;
  readonly rejected: readonly RejectionDocument[];
  readonly warnings: readonly string[];
  readonly orderDigest: string;
}

/** A rejection with every field, null where there is no action to name. */
export interface RejectionDocument extends Omit<Rejection, 'action'> {
  readonly action: string | null;
}

export interface StageDocument {
  readonly kind: Stage['kind'];
  readonly actions: readonly PlannedAction[];
}

export function planDocument(plan: Plan): PlanDocument {
  const stages = plan.stages.map(stageDocument);
  return {
    image: plan.image,
    rung: plan.rung,
    line: plan.line,
    ...(plan.rungReason === undefined ? {} : { rungReason: plan.rungReason }),
    prepared: plan.prepared,
    performed: plan.performed,
    stages,
    residual: stages.flatMap((stage) => stage.actions.map((action) => action.name)),
    residualSeconds: toMilliseconds(plan.residualSeconds),
    savedSeconds: toMilliseconds(plan.savedSeconds),
    rejected: plan.rejected.map(rejectionDocument),
    warnings: plan.warnings,
    orderDigest: plan.orderDigest,
  };
}

/** As `planDocument`, also where no image matches: then `image` is null and `rejected` says why. */
export function planResultDocument(result: PlanResult, orderDigest: string): PlanDocument {
  if (result.kind === 'plan') return planDocument(result.plan);
  return {
    image: null,
    rung: null,
    line: null,
    prepared: null,
    performed: [],
    stages: [],
    residual: [],
    residualSeconds: null,
    savedSeconds: null,
    rejected: result.rejected.map(rejectionDocument),
    warnings: [],
    orderDigest,
  };
}

export function rejectionDocument({ image, test, action, reason }: Rejection): RejectionDocument {
  return { image, test, action: action ?? null, reason };
}

/** Seconds without the digits that only come of adding binary fractions. */
function toMilliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

function stageDocument(stage: Stage): StageDocument {
  return { kind: stage.kind, actions: stage.kind === 'guest' ? stage.actions : [stage.action] };
}
