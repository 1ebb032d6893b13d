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
import type { Answer } from './askAll.js';
import { askWave, LEFT_OUT } from './askWave.js';
import { cheapestFirst, type WithBid, whyDiscarded } from './choice.js';
import type { Fleet } from './fleet/fleet.js';
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
  /** Of the plants that were asked. */
  readonly refusals: readonly Refusal[];
  /** How many plants were asked, of how many. */
  readonly asked: number;
  readonly of: number;
}

export interface AuctionQuestion {
  readonly order: Order;
  /** The order as a message: made once, sent to every plant. */
  readonly machine: MachineRequest;
  /** Ask for plans too, and for why images were rejected. */
  readonly explain: boolean;
  /** Addresses of plants that are asked only when nobody else offers. */
  readonly last?: ReadonlySet<string>;
}

/** How long plants that were silent the last time are waited for when others have offered. */
const SUSPECT_MILLISECONDS = 250;

/**
 * Asks plants for their bids in parallel (VMPlants paper, section 3.1): all, or where there are many of them those that
 * should offer most, and the others only while nobody has offered (see `Fleet`). A plant that does not answer within the
 * time is left out, and so is a bid that cannot be taken; both are among the refusals, and such a bid in the log. Without
 * an offer every plant has been asked. The time is that of the whole auction, see `inTime`.
 */
export async function holdAuction(
  plants: readonly PlantClient[],
  question: AuctionQuestion,
  options: CallOptions,
  parts: Pick<ShopParts, 'names' | 'logger' | 'fleet' | 'now'>,
): Promise<AuctionResult> {
  const { names, logger, fleet, now } = parts;
  // One object, so that it is written as bytes once.
  const request = { machine: question.machine, explain: question.explain };
  const answers: Asked[] = [];
  const waves = wavesOf(plants, question, fleet);
  for (const { wave, milliseconds } of inTime(waves, plants.length, options, now)) {
    const begun = now();
    const patience = {
      isSuspect: ({ address }: PlantClient) => fleet.isSuspect(address),
      isEnough: ({ kind }: Judged) => kind === 'offer',
      suspectMilliseconds: SUSPECT_MILLISECONDS,
      heard: (answer: Answer<Judged>) =>
        note(fleet, answer, options.signal, now() - begun >= milliseconds / 2),
    };
    const call = { ...options, timeoutMilliseconds: milliseconds };
    const heard = await askWave(wave, call, patience, (plant, one) =>
      plant.bid(request, one).then((response) => judge(plant, response, question, logger)),
    );
    answers.push(...heard.map((answer) => ({ answer, milliseconds })));
    if (heard.some(isOffer)) break;
  }
  // Whoever reads why there is no offer knows plants by name; an auction that has a winner does not wait for that.
  if (!answers.some(({ answer }) => isOffer(answer)))
    await names.learn(
      answers.flatMap(({ answer }) => (hasSpoken(answer) ? [answer.plant] : [])),
      options,
      logger,
    );
  const offers: Offer[] = [];
  const refusals: Refusal[] = [];
  for (const { answer, milliseconds } of answers) {
    if (answer.kind === 'error') {
      refusals.push(refusalOf(names.of(answer.plant.address), answer.error, milliseconds));
    } else if (answer.value.kind === 'offer') {
      offers.push(answer.value.offer);
      names.set(answer.plant.address, answer.value.offer.bid.plant);
    } else refusals.push({ ...answer.value.refusal, plant: names.of(answer.value.refusal.plant) });
  }
  return { offers: cheapestFirst(offers), refusals, asked: answers.length, of: plants.length };
}

/** What was answered, and how long there was for it. */
interface Asked {
  readonly answer: Answer<Judged>;
  readonly milliseconds: number;
}

function* wavesOf(
  plants: readonly PlantClient[],
  { order, last }: AuctionQuestion,
  fleet: Fleet,
): Generator<readonly PlantClient[], void, undefined> {
  const isLast = ({ address }: PlantClient): boolean => last?.has(address) === true;
  yield* fleet.waves(
    plants.filter((plant) => !isLast(plant)),
    order,
  );
  yield* fleet.waves(plants.filter(isLast), order);
}

/**
 * The waves, and how long each may take, so that all of them together take no longer than there is time: half of what is
 * left, and all of it for the last. When no more than a quarter is left, all plants that are left are the last wave.
 */
function* inTime(
  waves: Iterable<readonly PlantClient[]>,
  plants: number,
  { timeoutMilliseconds }: CallOptions,
  now: () => number,
): Generator<{ readonly wave: readonly PlantClient[]; readonly milliseconds: number }, void, undefined> {
  const begun = now();
  let left = timeoutMilliseconds;
  let unasked = plants;
  const held: PlantClient[] = [];
  for (const wave of waves) {
    if (wave.length === 0) continue;
    held.push(...wave);
    const isLast = held.length === unasked;
    if (!isLast && left <= timeoutMilliseconds / 4) continue;
    unasked -= held.length;
    yield { wave: held.splice(0), milliseconds: isLast ? Math.max(1, left) : left / 2 };
    left = timeoutMilliseconds - (now() - begun);
  }
  if (held.length > 0) yield { wave: held, milliseconds: Math.max(1, left) };
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

function isOffer(answer: Answer<Judged>): boolean {
  return answer.kind === 'answer' && answer.value.kind === 'offer';
}

/**
 * A plant that let the deadline pass is waited for less long the next time, until it answers again; so is one that had
 * not answered after most of the time, when whoever asked gave up.
 */
function note(
  fleet: Fleet,
  answer: Answer<unknown>,
  signal: AbortSignal | undefined,
  waitedLong: boolean,
): void {
  const { address } = answer.plant;
  const gaveUp = signal?.aborted === true;
  if (answer.kind === 'error' && gaveUp) {
    if (waitedLong) fleet.noteSilence(address);
  } else if (hasSpoken(answer)) fleet.noteAnswer(address);
  else if (answer.kind === 'error' && answer.error.code === 'DEADLINE_EXCEEDED') fleet.noteSilence(address);
}

/** Whether the plant answered, if only with an error of its own: silence has no reason of a plant. */
function hasSpoken(answer: Answer<unknown>): boolean {
  if (answer.kind === 'answer') return true;
  const { reason } = answer.error;
  return reason !== undefined && reason !== LEFT_OUT && reason !== 'NOT_CONNECTED';
}

function refusalOf(plant: string, error: VmplantsError, milliseconds: number): Refusal {
  const reason =
    error.code === 'DEADLINE_EXCEEDED' && error.reason !== LEFT_OUT
      ? `no bid within ${Math.round(milliseconds) / 1000} s`
      : error.message;
  return { plant, code: error.code, reason, rejected: [] };
}
