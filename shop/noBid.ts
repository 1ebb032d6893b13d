import { VmplantsError } from '../model/errors.js';
import type { Refusal } from '../proto/mapping/refusal.js';

/** So many different reasons are told, and of the plants that share one so many by name. */
const SHOWN_REASONS = 20;
const SHOWN_PLANTS = 2;

/**
 * The error of a creation that no plant bids for, from why each does not. RESOURCE_EXHAUSTED: a plant would have a
 * golden image but no room. FAILED_PRECONDITION: no golden image of any plant that answered matches, the plants are too
 * small for it, or their bids could not be taken. UNAVAILABLE: no plant could be asked.
 * @param warning why there may be plants that are not known; undefined where all are
 */
export function noBidError(refusals: readonly Refusal[], warning: string | undefined): VmplantsError {
  if (refusals.length === 0) return nobodyKnown(warning);
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

function nobodyKnown(warning: string | undefined): VmplantsError {
  if (warning !== undefined) {
    return new VmplantsError('UNAVAILABLE', `no plant made a bid: ${warning}`, {
      reason: 'PLANTS_UNCERTAIN',
      hint: 'look whether etcd runs at the addresses that the shop was started with; plants are known once it answers',
    });
  }
  return new VmplantsError('UNAVAILABLE', 'no plant made a bid: the shop knows no plants', {
    reason: 'NO_PLANTS',
    hint: 'start the shop with the addresses of plants, or plants with the etcd that the shop looks in',
  });
}

/** Why plants refuse, those that say the same together: thousands of plants mostly have the same reason. */
export function reasonsOf(refusals: readonly Refusal[]): string {
  const plantsOf = new Map<string, string[]>();
  for (const { plant, code, reason } of refusals) {
    const why = `${code}: ${reason}`;
    const plants = plantsOf.get(why);
    if (plants === undefined) plantsOf.set(why, [plant]);
    else plants.push(plant);
  }
  const groups = [...plantsOf];
  const shown = groups.slice(0, SHOWN_REASONS).map(([why, plants]) => `${namesOf(plants)}: ${why}`);
  const more = groups.slice(SHOWN_REASONS).reduce((count, [, plants]) => count + plants.length, 0);
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

/** `a`, `a and b`, `a, b and 3 more`. */
function namesOf(plants: readonly string[]): string {
  const more = plants.length - SHOWN_PLANTS;
  return more > 0 ? `${plants.slice(0, SHOWN_PLANTS).join(', ')} and ${more} more` : plants.join(' and ');
}
