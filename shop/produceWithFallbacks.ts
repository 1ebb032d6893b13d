import { VmplantsError } from '../model/errors.js';
import type { Order } from '../model/order.js';
import type { Vm } from '../model/vm.js';
import type { CreateEvent } from '../proto/gen/vmplants/v1/CreateEvent.js';
import type { MachineRequest } from '../proto/gen/vmplants/v1/MachineRequest.js';
import { bidToMessage } from '../proto/mapping/bid.js';
import { progressToMessage } from '../proto/mapping/progress.js';
import { type Refusal, refusalToMessage } from '../proto/mapping/refusal.js';
import type { PlantClient } from '../proto/plantClient.js';
import { holdAuction, type Offer } from './auction.js';
import { choose } from './choice.js';
import { noBidError, reasonsOf } from './noBid.js';
import { produceDeadlineMilliseconds } from './produceDeadline.js';
import { type Production, produceOn } from './produceOn.js';
import { placeOf, reserveAt } from './reserve.js';
import type { ShopParts } from './shopParts.js';
import { NOTHING_STANDS, type Standing, stillHolding, without, withoutPlant } from './standing.js';

/** The phase of progress that tells which plant does not make the VM; the message begins with its name. */
export const AUCTION_PHASE = 'auction';

/** A VM that is to be made. */
export interface Making {
  readonly vmid: string;
  readonly order: Order;
  /** The order as a message: made once. */
  readonly machine: MachineRequest;
  readonly keepFailed: boolean;
  /** See ProduceRequest. */
  readonly claimWithinSeconds: number;
  /** Offers to begin with, instead of with an auction. */
  readonly standing?: Standing;
  /** A plant that holds a place for the VM, makes it or has it: it is asked first. */
  readonly at?: PlantClient;
}

/** A VM that runs, and its plant. Nobody has claimed it. */
export interface Made {
  readonly vm: Vm;
  readonly plant: PlantClient;
}

/** What is done with what was made. */
export interface Hands {
  /** Takes the VM over; where that cannot be done any more the next offer is taken. */
  readonly take: (made: Made) => Promise<Made | { readonly error: VmplantsError }>;
  /** The production failed in an action, and the VM was kept as the client had asked. */
  readonly kept: (plant: PlantClient) => Promise<void>;
}

/**
 * Has a VM made: asks for bids, takes the cheapest, has that plant hold a place and produce. A plant that has no place
 * any more lost the race for it, and the next offer that still holds is taken; so it is when a plant gives the order
 * back, or is lost before its VM was taken over. Only when no offer holds any more there is another auction, without
 * the plants that failed, in which those that lost a race are asked last, because they may well bid again and have no
 * place again. At most `limits.rounds` auctions are held and as many productions begun, so that an order
 * that brings plants down does not go through all of them. Each turn is told as an auction of its own.
 *
 * Why no second VM stays: what a plant makes is removed unless it is claimed, and only the last plant's is. What remains
 * is the moment between a claim and its answer, see `claimOn`; and who repeats a create on another shop while this one
 * still works at it, because neither knows of the other.
 *
 * @throws VmplantsError what the client is to know
 */
export async function produceWithFallbacks(
  parts: ShopParts,
  making: Making,
  say: (event: CreateEvent) => void,
  hands?: Hands,
): Promise<Made> {
  const { vmid, order } = making;
  const { limits, stopping: signal } = parts;
  const failed = new Map<string, Refusal>();
  const lostRaces = new Set<string>();
  let failure: VmplantsError | undefined;
  let standing = making.standing ?? NOTHING_STANDS;
  let auctions = 0;
  let productions = 0;

  const fail = (plant: PlantClient, name: string, error: VmplantsError): Refusal => {
    const refusal = refusalOf(name, error);
    failed.set(plant.address, refusal);
    return refusal;
  };
  let brokerTold = false;
  const attempt = async (plant: PlantClient): Promise<Made | VmplantsError> => {
    productions += 1;
    brokerTold = false;
    const relay = (event: CreateEvent): void => {
      // A broker whose last word is who did not make it has told why it gives up.
      brokerTold = event.progress?.phase === AUCTION_PHASE;
      say(event);
    };
    const outcome = await makeAt(parts, making, plant, relay, hands);
    if (!('error' in outcome)) return outcome;
    // Where it only had no room, what all others said counts as much.
    if (outcome.error.code !== 'RESOURCE_EXHAUSTED') failure = outcome.error;
    return outcome.error;
  };

  const sayUntold = (): ((event: CreateEvent) => void) => (brokerTold ? () => {} : say);

  if (making.at !== undefined) {
    const { address } = making.at;
    const outcome = await attempt(making.at);
    if (!(outcome instanceof VmplantsError)) return outcome;
    const refusal = fail(making.at, parts.names.of(address), outcome);
    standing = withoutPlant(standing, address, refusal);
    sayLost(parts, making, refusal, sayUntold());
  }
  for (;;) {
    standing = stillHolding(standing, parts.now());
    if (standing.offers.length === 0) {
      if (auctions >= limits.rounds) throw nobodyElse(failure, standing.refusals, parts.links.warning());
      auctions += 1;
      standing = await auctionWithout(parts, making, failed, lostRaces);
    }
    const winner = choose(standing.offers, parts.random);
    say(auctionEvent(standing, winner));
    if (winner === undefined) throw nobodyElse(failure, standing.refusals, parts.links.warning());
    const { plant, bid } = winner;
    const options = { timeoutMilliseconds: limits.reserveMilliseconds, signal };
    const reserved = await reserveAt(plant, placeOf(vmid, order), limits.holdMilliseconds, options);
    if (reserved.kind === 'refused') {
      const { error } = reserved;
      if (error.code === 'ALREADY_EXISTS') throw error;
      // Who has no place now may have one again; who does not answer is not waited for a second time.
      const lostRace = error.code === 'RESOURCE_EXHAUSTED';
      if (lostRace) lostRaces.add(plant.address);
      const refusal = lostRace ? refusalOf(bid.plant, error) : fail(plant, bid.plant, error);
      standing = without(standing, winner, refusal);
      sayLost(parts, making, refusal, say);
      continue;
    }
    const outcome = await attempt(plant);
    if (!(outcome instanceof VmplantsError)) return outcome;
    const refusal = fail(plant, bid.plant, outcome);
    standing = without(standing, winner, refusal);
    sayLost(parts, making, refusal, sayUntold());
    if (productions >= limits.rounds) throw nobodyElse(failure, standing.refusals, parts.links.warning());
  }
}

/** One try at one plant, where a place is held. */
async function makeAt(
  parts: ShopParts,
  making: Making,
  plant: PlantClient,
  say: (event: CreateEvent) => void,
  hands: Hands | undefined,
): Promise<Made | { readonly error: VmplantsError }> {
  let production: Production;
  try {
    production = await produceAt(parts, making, plant, say);
  } catch (thrown) {
    const inAction = thrown instanceof VmplantsError && thrown.actionFailure !== undefined;
    if (inAction && making.keepFailed) await hands?.kept(plant);
    throw thrown;
  }
  if (production.kind !== 'produced') return { error: production.error };
  const made = { vm: production.vm, plant };
  return hands === undefined ? made : await hands.take(made);
}

/** Has a plant produce the order, or go on with it, as its only plant. */
export function produceAt(
  parts: ShopParts,
  making: Making,
  plant: PlantClient,
  say: (event: CreateEvent) => void,
): Promise<Production> {
  const { vmid, order, machine, keepFailed, claimWithinSeconds } = making;
  parts.hints.set(vmid, plant.address);
  return produceOn(
    plant,
    { vmid, machine, keepFailed, orderDigest: order.digest, claimWithinSeconds },
    {
      deadlineMilliseconds: produceDeadlineMilliseconds(order),
      silenceMilliseconds: parts.limits.silenceMilliseconds,
      now: parts.now,
      signal: parts.stopping,
    },
    {
      plan: (plan) => say({ plan }),
      progress: (progress) => say({ progress: progressToMessage(progress) }),
    },
  );
}

async function auctionWithout(
  parts: ShopParts,
  { order, machine }: Making,
  failed: ReadonlyMap<string, Refusal>,
  lostRaces: ReadonlySet<string>,
): Promise<Standing> {
  const { offers, refusals } = await holdAuction(
    parts.links.all().filter(({ address }) => !failed.has(address)),
    { order, machine, explain: false, last: lostRaces },
    { timeoutMilliseconds: parts.limits.bidMilliseconds, signal: parts.stopping },
    parts,
  );
  return { offers, refusals: [...refusals, ...failed.values()], receivedAt: parts.now() };
}

function sayLost(
  parts: ShopParts,
  { vmid }: Making,
  { plant, code, reason }: Refusal,
  say: (event: CreateEvent) => void,
): void {
  parts.logger.info({ vmid, plant, code, reason }, 'the plant that won did not make the VM');
  say({ progress: { phase: AUCTION_PHASE, message: `${plant} does not make it: ${reason}` } });
}

function refusalOf(plant: string, { code, message }: VmplantsError): Refusal {
  return { plant, code, reason: message, rejected: [] };
}

function auctionEvent(standing: Standing, winner: Offer | undefined): CreateEvent {
  return {
    auction: {
      bids: standing.offers.map(({ bid }) => bidToMessage(bid)),
      refusals: standing.refusals.map(refusalToMessage),
      winner: winner?.bid.plant ?? '',
    },
  };
}

/** The error of a creation that no other plant takes on: why the last one to try failed, if one did, and the others. */
function nobodyElse(
  failure: VmplantsError | undefined,
  refusals: readonly Refusal[],
  warning: string | undefined,
): VmplantsError {
  if (failure === undefined) return noBidError(refusals, warning);
  const others = refusals.filter(({ reason }) => reason !== failure.message);
  if (others.length === 0) return failure;
  const { code, message, reason, hint } = failure;
  return new VmplantsError(code, `${message}; no other plant takes the order: ${reasonsOf(others)}`, {
    ...(reason === undefined ? {} : { reason }),
    ...(hint === undefined ? {} : { hint }),
    cause: failure,
  });
}
