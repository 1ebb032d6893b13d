import { VmplantsError } from '../model/errors.js';
import type { Refusal } from '../proto/mapping/refusal.js';

/** Of so many plants the error says why they made no bid. */
const SHOWN_REASONS = 20;

/**
 * The error of a creation that no plant bids for, from why each does not. RESOURCE_EXHAUSTED: a plant would have a
 * golden image but no room. FAILED_PRECONDITION: no golden image of any plant that answered matches, the plants are too
 * small for it, or their bids could not be taken. UNAVAILABLE: no plant could be asked.
 */
export function noBidError(refusals: readonly Refusal[]): VmplantsError {
  if (refusals.length === 0) {
    return new VmplantsError('UNAVAILABLE', 'no plant made a bid: the shop knows no plants', {
      reason: 'NO_PLANTS',
      hint: 'start the shop with the addresses of plants, or see with vmshop plants whether etcd answers',
    });
  }
  const reasons = `no plant made a bid. ${reasonsOf(refusals)}`;
  const codes = new Set(refusals.map(({ code }) => code));
  if (codes.has('RESOURCE_EXHAUSTED')) {
    return new VmplantsError('RESOURCE_EXHAUSTED', reasons, {
      reason: 'PLANTS_FULL',
      hint: 'collect VMs that are not needed any more, or try again later',
    });
  }
  if (codes.has('FAILED_PRECONDITION')) {
    return new VmplantsError('FAILED_PRECONDITION', reasons, {
      reason: 'NO_MATCHING_IMAGE',
      hint: 'ask for a plan: it says why each plant and golden image does not fit',
    });
  }
  if ([...codes].every((code) => code === 'UNAVAILABLE' || code === 'DEADLINE_EXCEEDED')) {
    return new VmplantsError('UNAVAILABLE', reasons, {
      reason: 'PLANTS_UNREACHABLE',
      hint: 'try again; if it stays so, look whether the plants run',
    });
  }
  return new VmplantsError('FAILED_PRECONDITION', reasons, {
    reason: 'NO_BID',
    hint: 'look at the logs of the shop and the plants',
  });
}

/** The first of them; thousands of plants mostly have the same reason. */
function reasonsOf(refusals: readonly Refusal[]): string {
  const shown = refusals
    .slice(0, SHOWN_REASONS)
    .map(({ plant, code, reason }) => `${plant}: ${code}: ${reason}`);
  const more = refusals.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
