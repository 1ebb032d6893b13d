import { formatCost } from '../../cli/amounts.js';
import { escapeLine } from '../../cli/escape.js';
import { planDocument } from '../../cli/planDocument.js';
import { indent, renderPlan } from '../../cli/renderPlan.js';
import type { PlanAnswer } from '../client.js';
import { costBasis, renderRefusals } from './renderBids.js';

/**
 * A dry run for people: what each plant would bid, clone and run, cheapest first, and why each other image and
 * plant lost.
 */
export function renderOffers(answer: PlanAnswer): string {
  const offers = answer.offers.map(({ bid, plan }, index) => {
    const place = index === 0 ? 'would win' : 'would lose';
    const head = `plant ${escapeLine(bid.plant)} ${place} with a bid of ${formatCost(bid.cost)}`;
    const basis = escapeLine(costBasis(bid.components));
    return `${head}${basis === '' ? '' : `: ${basis}`}\n${indent(renderPlan(plan))}`;
  });
  const refusals = renderRefusals(answer.refusals);
  return [...offers, ...(refusals === '' ? [] : [refusals])].join('\n');
}

/** A dry run for programs. */
export function offersDocument(answer: PlanAnswer): Readonly<Record<string, unknown>> {
  return {
    offers: answer.offers.map(({ bid, plan }) => ({ bid, plan: planDocument(plan) })),
    refusals: answer.refusals,
  };
}
