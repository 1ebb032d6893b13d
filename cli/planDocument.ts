import type { Plan, PlannedAction, PlanResult, Rejection, Rung, Stage } from '../model/plan.js';

/** The JSON and YAML form of the planner's answer. */
export interface PlanDocument {
  /** Chosen golden image; null when none matches. */
  readonly image: string | null;
  readonly rung: Rung | null;
  /** Why not `warm`. */
  readonly rungReason?: string;
  /** Actions that the image brings, in the order in which they ran there. */
  readonly performed: readonly PlannedAction[];
  /** What is left, grouped by ISO; a host action stands alone. */
  readonly stages: readonly StageDocument[];
  /** Names of the actions of all stages, in order. */
  readonly residual: readonly string[];
  readonly residualSeconds?: number;
  readonly savedSeconds?: number;
  readonly rejected: readonly Rejection[];
  readonly warnings: readonly string[];
  readonly orderDigest: string;
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
    ...(plan.rungReason === undefined ? {} : { rungReason: plan.rungReason }),
    performed: plan.performed,
    stages,
    residual: stages.flatMap((stage) => stage.actions.map((action) => action.name)),
    residualSeconds: plan.residualSeconds,
    savedSeconds: plan.savedSeconds,
    rejected: plan.rejected,
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
    performed: [],
    stages: [],
    residual: [],
    rejected: result.rejected,
    warnings: [],
    orderDigest,
  };
}

function stageDocument(stage: Stage): StageDocument {
  return { kind: stage.kind, actions: stage.kind === 'guest' ? stage.actions : [stage.action] };
}
