import { formatCost, formatCount } from '../../cli/amounts.js';
import { escapeLine } from '../../cli/escape.js';
import { planWorth } from '../../cli/renderPlan.js';
import type { CreateEvent } from '../client.js';

/** What is said once about an event of a creation that is no progress, as lines. */
export function createEventText(event: CreateEvent): readonly string[] {
  switch (event.kind) {
    case 'accepted':
      return [`${escapeLine(event.vmid)}: accepted`];
    case 'auction': {
      const { bids, refusals, winner } = event;
      if (winner === '') return [`auction: no bid (${formatCount(refusals.length, 'plant')} made none)`];
      const won = bids.find((bid) => bid.plant === winner);
      const cost = won === undefined ? '' : ` for ${formatCost(won.cost)}`;
      const none = refusals.length === 0 ? '' : `, ${formatCount(refusals.length, 'plant')} made none`;
      return [escapeLine(`auction: ${winner} takes it${cost} (${formatCount(bids.length, 'bid')}${none})`)];
    }
    case 'plan': {
      const { plan } = event;
      const left = plan.stages.flatMap((stage) => (stage.kind === 'guest' ? stage.actions : [stage.action]));
      const work = `${formatCount(plan.performed.length, 'action')} in it, ${formatCount(left.length, 'action')} to run`;
      const lines = [`plan: ${plan.image} (${plan.rung}), ${work}, ${planWorth(plan)}`];
      return [...lines, ...plan.warnings.map((warning) => `warning: ${warning}`)].map(escapeLine);
    }
    default:
      return [];
  }
}
