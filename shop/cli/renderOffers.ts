import { formatCost } from '../../cli/amounts.js';
import { escapeLine } from '../../cli/escape.js';
import { planDocument, rejectionDocument } from '../../cli/planDocument.js';
import { indent, renderPlan } from '../../cli/renderPlan.js';
import type { PlanAnswer } from '../client.js';
import { costBasis, renderRefusals } from './renderBids.js';

/**
 * A dry run for people: what each plant would bid, clone and run, cheapest first, and why each other image and
 * plant lost.
 */
export function renderOffers(answer: PlanAnswer): string {
  const offers = answer.offers.map(({ bid, plan }) => {
    const head = `plant ${escapeLine(bid.plant)} ${place(answer, bid.cost)} with a bid of ${formatCost(bid.cost)}`;
    const basis = escapeLine(costBasis(bid.components));
    return `${head}${basis === '' ? '' : `: ${basis}`}\n${indent(renderPlan(plan))}`;
  });
  const refusals = renderRefusals(answer.refusals);
  return [...offers, ...(refusals === '' ? [] : [refusals])].join('\n');
}

/** The cheapest wins; a tie is broken at random, so nobody can say before. */
function place(answer: PlanAnswer, cost: number): string {
  const costs = answer.offers.map(({ bid }) => bid.cost);
  const least = Math.min(...costs);
  if (cost !== least) return 'would lose';
  return costs.filter((one) => one === least).length === 1
    ? 'would win'
    : 'might win (a tie is broken at random)';
}

/** A dry run for programs. */
export function offersDocument(answer: PlanAnswer): Readonly<Record<string, unknown>> {
  return {
    offers: answer.offers.map(({ bid, plan }) => ({ bid, plan: planDocument(plan) })),
    refusals: answer.refusals.map((refusal) => ({
      ...refusal,
      rejected: refusal.rejected.map(rejectionDocument),
    })),
  };
}
