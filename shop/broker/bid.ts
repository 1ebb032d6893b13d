import type { BidRequest__Output } from '../../proto/gen/vmplants/v1/BidRequest.js';
import type { BidResponse } from '../../proto/gen/vmplants/v1/BidResponse.js';
import type { CallContext } from '../../proto/handler.js';
import { bidToMessage } from '../../proto/mapping/bid.js';
import { orderFromMachineRequest, orderToMachineRequest } from '../../proto/mapping/machineRequest.js';
import { planToMessage, rejectionToMessage } from '../../proto/mapping/plan.js';
import type { Refusal } from '../../proto/mapping/refusal.js';
import { holdAuction } from '../auction.js';
import { choose } from '../choice.js';
import { noBidError } from '../noBid.js';
import { type BrokerParts, shopOf } from './brokerParts.js';
import { markedUp } from './markup.js';

/**
 * The best offer from behind the broker, with its mark-up. What else was offered is remembered for as long as it holds.
 * Errors as those of an auction that nobody wins.
 */
export async function bidForOthers(
  broker: BrokerParts,
  request: BidRequest__Output,
  context: CallContext,
): Promise<BidResponse> {
  const parts = shopOf(broker, context);
  const order = orderFromMachineRequest(request.machine);
  const begun = parts.now();
  const { offers, refusals } = await holdAuction(
    parts.links.all(),
    { order, machine: orderToMachineRequest(order), explain: request.explain },
    { timeoutMilliseconds: parts.limits.bidMilliseconds, signal: context.signal },
    parts,
  );
  const winner = choose(offers, parts.random);
  if (winner === undefined) return nobody(refusals, parts.links.warning(), request.explain);
  broker.standing.set(order.digest, [winner, ...offers.filter((offer) => offer !== winner)]);
  const bid = markedUp(winner.bid, broker.self.name, broker.markup);
  // It was received some time after the auction began; for so much less it can be promised to hold.
  const holdsForMilliseconds = Math.max(0, Math.floor(bid.holdsForMilliseconds - (parts.now() - begun)));
  return {
    bid: bidToMessage({ ...bid, holdsForMilliseconds }),
    ...(winner.plan === undefined
      ? {}
      : { plan: planToMessage(winner.plan.plan, `${broker.self.name}/${winner.plan.plant}`) }),
  };
}

/** @throws VmplantsError unless the caller asked why, and the reason is that no image matches */
function nobody(refusals: readonly Refusal[], warning: string | undefined, explain: boolean): BidResponse {
  const error = noBidError(refusals, warning);
  const rejected = refusals.flatMap((refusal) => refusal.rejected.map(rejectionToMessage));
  if (!explain || error.reason !== 'NO_MATCHING_IMAGE' || rejected.length === 0) throw error;
  // Plants that share a warehouse reject the same images for the same reasons.
  return { rejected: [...new Map(rejected.map((one) => [JSON.stringify(one), one])).values()] };
}
