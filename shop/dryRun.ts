import type { BidsResponse } from '../proto/gen/vmplants/v1/BidsResponse.js';
import type { PlanResponse } from '../proto/gen/vmplants/v1/PlanResponse.js';
import { bidToMessage } from '../proto/mapping/bid.js';
import { orderToMachineRequest } from '../proto/mapping/machineRequest.js';
import { planToMessage } from '../proto/mapping/plan.js';
import { type Refusal, refusalToMessage } from '../proto/mapping/refusal.js';
import { type AuctionResult, holdAuction } from './auction.js';
import { type AskedFor, readOrder } from './intake.js';
import type { ShopParts } from './shopParts.js';

/** What each plant would bid and do; creates nothing. Plants that would not bid say why for every image. */
export async function planVm(parts: ShopParts, asked: AskedFor, signal: AbortSignal): Promise<PlanResponse> {
  const result = await ask(parts, asked, true, signal);
  const { offers, refusals } = result;
  return {
    bids: offers.map(({ bid }) => bidToMessage(bid)),
    plans: offers.flatMap(({ plan }) => (plan === undefined ? [] : [planToMessage(plan.plan, plan.plant)])),
    refusals: [...refusals, ...unasked(result)].map(refusalToMessage),
  };
}

/** What each plant would bid, cheapest first; creates nothing. */
export async function bidsForVm(
  parts: ShopParts,
  asked: AskedFor,
  signal: AbortSignal,
): Promise<BidsResponse> {
  const result = await ask(parts, asked, false, signal);
  return {
    bids: result.offers.map(({ bid }) => bidToMessage(bid)),
    refusals: [...result.refusals, ...unasked(result)].map(refusalToMessage),
  };
}

/** Says of those that were not asked how many they are, because the answer would pass for the whole truth else. */
function unasked({ asked, of }: AuctionResult): readonly Refusal[] {
  if (asked === of) return [];
  const reason = `not asked: of ${of} plants the ${asked} that should offer most were asked, as for a creation`;
  return [{ plant: `${of - asked} more`, code: 'CANCELLED', reason, rejected: [] }];
}

function ask(
  parts: ShopParts,
  asked: AskedFor,
  explain: boolean,
  signal: AbortSignal,
): Promise<AuctionResult> {
  const order = readOrder(asked);
  return holdAuction(
    parts.links.all(),
    { order, machine: orderToMachineRequest(order), explain },
    { timeoutMilliseconds: parts.limits.bidMilliseconds, signal },
    parts,
  );
}
