import { formatCost, formatSeconds } from '../../cli/amounts.js';
import { escapeLine } from '../../cli/escape.js';
import { indent, renderRejections } from '../../cli/renderPlan.js';
import { renderTable } from '../../cli/table.js';
import type { Bid, CostComponent } from '../../model/bid.js';
import type { Refusal } from '../client.js';

/** Bids as a table, cheapest first, then who made none and why. */
export function renderBids(bids: readonly Bid[], refusals: readonly Refusal[], wide: boolean): string {
  const table = renderTable<Bid>(
    [
      { heading: 'PLANT', cell: (bid) => bid.plant },
      { heading: 'COST', cell: (bid) => formatCost(bid.cost), align: 'right' },
      { heading: 'IMAGE', cell: (bid) => bid.image },
      { heading: 'RUNG', cell: (bid) => (bid.prepared ? `${bid.rung}, prepared` : bid.rung) },
      { heading: 'WORK', cell: (bid) => formatSeconds(bid.residualSeconds), align: 'right' },
      { heading: 'BASIS', cell: (bid) => costBasis(bid.components) },
      {
        heading: 'HOLDS',
        cell: (bid) => formatSeconds(bid.holdsForMilliseconds / 1000),
        align: 'right',
        wide: true,
      },
    ],
    bids,
    { wide },
  );
  return bids.length === 0 ? renderRefusals(refusals) : table + renderRefusals(refusals);
}

/** `compute 12 (4 x 3 VMs), network 50 (new network)`. */
export function costBasis(components: readonly CostComponent[]): string {
  return components.map(({ name, cost, basis }) => `${name} ${formatCost(cost)} (${basis})`).join(', ');
}

/** Every plant that made no bid, its reason, and for each of its images why that did not match. */
export function renderRefusals(refusals: readonly Refusal[]): string {
  return refusals
    .map(({ plant, code, reason, rejected }) => {
      const head = `${escapeLine(plant)} made no bid: ${escapeLine(reason)} (${escapeLine(code)})\n`;
      return rejected.length === 0 ? head : head + indent(renderRejections(rejected));
    })
    .join('');
}
