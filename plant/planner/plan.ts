import type { GoldenImage } from '../../model/goldenImage.js';
import type { PlanResult, Stage } from '../../model/plan.js';
import { type Choice, describeChoice, findBest } from './choose.js';
import { explain } from './explain.js';
import { createIndex, type ImageIndex } from './imageIndex.js';
import { compileQuery, type PlannerQuery } from './query.js';
import { planStages } from './stages.js';
import { findWarnings } from './warnings.js';

export interface PlannerInput extends PlannerQuery {
  /** The golden images that can be reached; their names are unique. */
  readonly images: readonly GoldenImage[];
}

/** What production needs of a plan: all but why other images lost. */
export interface Production {
  readonly choice: Choice;
  readonly stages: readonly Stage[];
  readonly warnings: readonly string[];
}

/**
 * Plans an order against a list of images (VMPlants paper, section 3.2: the Production Process Planner): chooses the
 * image that saves the most, puts the rest of the work in order, and says why every other image lost. Pure.
 */
export function plan(input: PlannerInput): PlanResult {
  return planIndexed(createIndex(input.images), input);
}

/** The same against an index that is kept up with the warehouse. */
export function planIndexed(index: ImageIndex, query: PlannerQuery): PlanResult {
  const compiled = compileQuery(query);
  const best = findBest(index, compiled);
  const rejected = explain(index, compiled, best);
  if (best === undefined) return { kind: 'no-match', rejected };
  const choice = describeChoice(index, compiled, best);
  return {
    kind: 'plan',
    plan: {
      orderDigest: query.order.digest,
      image: choice.image.name,
      rung: choice.rung,
      line: choice.line,
      ...(choice.rungReason === undefined ? {} : { rungReason: choice.rungReason }),
      prepared: choice.prepared,
      performed: choice.performed,
      stages: planStages(compiled.order, best.state.executed),
      residualSeconds: choice.residualSeconds,
      savedSeconds: choice.savedSeconds,
      rejected,
      warnings: findWarnings(compiled.order),
    },
  };
}

/** The same without looking for the reasons of the others; undefined when no image matches. */
export function planProduction(index: ImageIndex, query: PlannerQuery): Production | undefined {
  const compiled = compileQuery(query);
  const best = findBest(index, compiled);
  if (best === undefined) return undefined;
  return {
    choice: describeChoice(index, compiled, best),
    stages: planStages(compiled.order, best.state.executed),
    warnings: findWarnings(compiled.order),
  };
}
