import { asVmplantsError, type VmplantsError } from '../model/errors.js';
import type { Order } from '../model/order.js';
import type { CallOptions } from '../proto/channel.js';
import type { BidResponse__Output } from '../proto/gen/vmplants/v1/BidResponse.js';
import type { MachineRequest } from '../proto/gen/vmplants/v1/MachineRequest.js';
import type { Logger } from '../proto/logger.js';
import { bidFromMessage } from '../proto/mapping/bid.js';
import { type PlanOfPlant, planFromMessage, rejectionFromMessage } from '../proto/mapping/plan.js';
import type { Refusal } from '../proto/mapping/refusal.js';
import type { PlantClient } from '../proto/plantClient.js';
import { type Answer, askAll } from './askAll.js';
import { cheapestFirst, type WithBid, whyDiscarded } from './choice.js';
import type { ShopParts } from './shopParts.js';

/** A bid that may be taken, and who made it. */
export interface Offer extends WithBid {
  readonly plant: PlantClient;
  /** Where the plants were asked to explain. */
  readonly plan?: PlanOfPlant;
}

export interface AuctionResult {
  /** Cheapest first. */
  readonly offers: readonly Offer[];
  readonly refusals: readonly Refusal[];
}

export interface AuctionQuestion {
  readonly order: Order;
  /** The order as a message: made once, sent to every plant. */
  readonly machine: MachineRequest;
  /** Ask for plans too, and for why images were rejected. */
  readonly explain: boolean;
}

/**
 * Asks all plants for their bids in parallel (VMPlants paper, section 3.1). A plant that does not answer within the
 * time is left out, and so is a bid that cannot be taken; both are among the refusals, and such a bid in the log.
 */
export async function holdAuction(
  plants: readonly PlantClient[],
  question: AuctionQuestion,
  options: CallOptions,
  parts: Pick<ShopParts, 'names' | 'logger'>,
): Promise<AuctionResult> {
  const { names, logger } = parts;
  const { machine, explain } = question;
  const answers = await askAll(plants, options, async (plant, call) =>
    judge(plant, await plant.bid({ machine, explain }, call), question, logger),
  );
  const judged = answers.flatMap((answer) => (answer.kind === 'answer' ? [answer.value] : []));
  for (const one of judged) if (one.kind === 'offer') names.set(one.offer.plant.address, one.offer.bid.plant);
  // Whoever reads why there is no offer knows plants by name; an auction that has a winner does not wait for that.
  if (!judged.some(({ kind }) => kind === 'offer'))
    await names.learn(
      answers.filter(hasSpoken).map(({ plant }) => plant),
      options,
      logger,
    );
  const offers: Offer[] = [];
  const refusals: Refusal[] = [];
  for (const answer of answers) {
    if (answer.kind === 'error')
      refusals.push(refusalOf(names.of(answer.plant.address), answer.error, options.timeoutMilliseconds));
    else if (answer.value.kind === 'offer') offers.push(answer.value.offer);
    else refusals.push({ ...answer.value.refusal, plant: names.of(answer.value.refusal.plant) });
  }
  return { offers: cheapestFirst(offers), refusals };
}

type Judged =
  | { readonly kind: 'offer'; readonly offer: Offer }
  | { readonly kind: 'refusal'; readonly refusal: Refusal };

function judge(
  plant: PlantClient,
  response: BidResponse__Output,
  question: AuctionQuestion,
  logger: Logger,
): Judged {
  try {
    if (response.bid === null) {
      const rejected = response.rejected.map(rejectionFromMessage);
      const reason =
        rejected.length === 0 ? 'no golden image matches' : `no golden image matches, of ${rejected.length}`;
      return {
        kind: 'refusal',
        refusal: { plant: plant.address, code: 'FAILED_PRECONDITION', reason, rejected },
      };
    }
    const bid = bidFromMessage(response.bid);
    const plan = response.plan === null ? undefined : planFromMessage(response.plan);
    const discarded =
      whyDiscarded(bid, question.order.digest) ??
      (question.explain && plan === undefined ? 'the plan that was asked for is missing' : undefined);
    if (discarded !== undefined) {
      return { kind: 'refusal', refusal: discard(plant, bid.plant, discarded, logger) };
    }
    return { kind: 'offer', offer: { plant, bid, ...(plan === undefined ? {} : { plan }) } };
  } catch (thrown) {
    const { message } = asVmplantsError(thrown);
    return { kind: 'refusal', refusal: discard(plant, plant.address, message, logger) };
  }
}

function discard(plant: PlantClient, name: string, why: string, logger: Logger): Refusal {
  logger.warn({ plant: name, address: plant.address, why }, 'a bid was discarded');
  return { plant: name, code: 'DATA_LOSS', reason: `bid discarded: ${why}`, rejected: [] };
}

/** Whether the plant answered, if only with an error of its own: silence has no reason. */
function hasSpoken(answer: Answer<unknown>): boolean {
  return answer.kind === 'answer' || answer.error.reason !== undefined;
}

function refusalOf(plant: string, error: VmplantsError, timeoutMilliseconds: number): Refusal {
  const reason =
    error.code === 'DEADLINE_EXCEEDED' ? `no bid within ${timeoutMilliseconds / 1000} s` : error.message;
  return { plant, code: error.code, reason, rejected: [] };
}
