import type { Order } from '../../model/order.js';
import type { Plan } from '../../model/plan.js';
import type { PlantParts } from '../parts.js';
import type { ImageIndex } from '../planner/imageIndex.js';
import { planProduction } from '../planner/plan.js';
import type { BootSecondsOf, ExcludedClone, PlannerQuery, ReadyPoint } from '../planner/query.js';

/** A plan and the line that is to carry it out. */
export interface Planned {
  /** Without the reasons of the images that lost: production does not need them. */
  readonly plan: Plan;
  readonly line: string;
}

/** What this host has learned about its images, for its plans. */
export interface KnownOfImages {
  readonly excluded?: readonly ExcludedClone[];
  readonly bootSecondsOf?: BootSecondsOf;
}

/**
 * What the planner is asked on this host.
 *
 * @param ready where machines wait that fit the order, see `PlannerQuery.ready`
 */
export function plannerQuery(
  parts: Pick<PlantParts, 'lines' | 'clock'>,
  order: Order,
  known: KnownOfImages = {},
  ready?: readonly ReadyPoint[],
): PlannerQuery {
  return {
    order,
    now: parts.clock.now(),
    lines: parts.lines.map(({ environment }) => environment),
    ...known,
    ...(ready === undefined ? {} : { ready }),
  };
}

/** Plans an order for production; undefined when no image matches. */
export function planOrder(index: ImageIndex, query: PlannerQuery): Planned | undefined {
  const production = planProduction(index, query);
  if (production === undefined) return undefined;
  const { choice, stages, warnings } = production;
  return {
    line: choice.line,
    plan: {
      orderDigest: query.order.digest,
      image: choice.image.name,
      rung: choice.rung,
      line: choice.line,
      ...(choice.rungReason === undefined ? {} : { rungReason: choice.rungReason }),
      prepared: choice.prepared,
      performed: choice.performed,
      stages,
      residualSeconds: choice.residualSeconds,
      savedSeconds: choice.savedSeconds,
      rejected: [],
      warnings,
    },
  };
}
