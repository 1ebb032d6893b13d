import { renderPlan, renderRejections } from '../../cli/renderPlan.js';
import type { PlanResult } from '../../model/plan.js';

/** The planner's answer for people. */
export function renderResult(result: PlanResult): string {
  if (result.kind === 'plan') return renderPlan(result.plan);
  if (result.rejected.length === 0) return 'no golden image matches: the warehouse has none\n';
  return `no golden image matches\n\n${renderRejections(result.rejected)}`;
}
