import { VmplantsError } from '../model/errors.js';
import type { Order } from '../model/order.js';
import type { Vm } from '../model/vm.js';
import type { CallOptions } from '../proto/channel.js';
import type { CreateEvent } from '../proto/gen/vmplants/v1/CreateEvent.js';
import type { MachineRequest } from '../proto/gen/vmplants/v1/MachineRequest.js';
import { bidToMessage } from '../proto/mapping/bid.js';
import { orderToMachineRequest } from '../proto/mapping/machineRequest.js';
import { progressToMessage } from '../proto/mapping/progress.js';
import { type Refusal, refusalToMessage } from '../proto/mapping/refusal.js';
import { vmToMessage } from '../proto/mapping/vm.js';
import type { PlantClient } from '../proto/plantClient.js';
import { holdAuction, type Offer } from './auction.js';
import { choose } from './choice.js';
import { locate } from './locate.js';
import { noBidError } from './noBid.js';
import { produceDeadlineMilliseconds } from './produceDeadline.js';
import { type Production, produceOn } from './produceOn.js';
import type { ShopParts } from './shopParts.js';

/** One VM that is to be made. */
export interface Creation {
  readonly vmid: string;
  readonly order: Order;
  readonly keepFailed: boolean;
  /** Whether the VMID comes from a request ID that may have been sent before: a plant may have this VM already. */
  readonly repeatable: boolean;
}

/**
 * Makes a VM: asks for bids, takes the cheapest, has that plant produce, and turns to the next bid when the plant
 * cannot take the order after all. Says what happens through `say` and rejects with what the client is to know.
 */
export async function createVm(
  parts: ShopParts,
  creation: Creation,
  say: (event: CreateEvent) => void,
): Promise<void> {
  const machine = orderToMachineRequest(creation.order);
  const holder = creation.repeatable ? await findHolder(parts, creation) : undefined;
  say({ accepted: { vmid: creation.vmid } });
  if (holder === undefined)
    return finish(await auctionAndProduce(parts, creation, machine, say), creation, say);
  const production = await produce(parts, creation, machine, holder, say);
  if (production.kind === 'not-taken') throw production.error;
  finish(production.vm, creation, say);
}

/**
 * The plant that has this VM already, because the request was made before. ALREADY_EXISTS when it was made with
 * another order. UNAVAILABLE when a plant that may have it does not answer: a second VM would be worse than none.
 */
async function findHolder(parts: ShopParts, creation: Creation): Promise<PlantClient | undefined> {
  try {
    const { vm, plant } = await locate(parts.links.all(), parts.hints, creation.vmid, asking(parts));
    if (vm.orderDigest === creation.order.digest) return plant;
    throw requestIdReused(creation.vmid);
  } catch (thrown) {
    if (thrown instanceof VmplantsError && thrown.code === 'NOT_FOUND') return undefined;
    throw thrown;
  }
}

/** The request ID was used before, for something else. */
export function requestIdReused(vmid: string): VmplantsError {
  return new VmplantsError(
    'ALREADY_EXISTS',
    `this request ID was used for another request, which made or makes ${vmid}`,
    {
      reason: 'REQUEST_ID_REUSED',
      hint: 'choose a new request ID for a new request',
    },
  );
}

async function auctionAndProduce(
  parts: ShopParts,
  creation: Creation,
  machine: MachineRequest,
  say: (event: CreateEvent) => void,
): Promise<Vm> {
  let standing: Standing = { offers: [], refusals: [], receivedAt: 0 };
  for (let round = 1; ; round++) {
    standing = await withOffers(parts, creation.order, machine, standing);
    const winner = choose(standing.offers, parts.random);
    say(auctionEvent(standing, winner));
    if (winner === undefined) throw noBidError(standing.refusals);
    const production = await produce(parts, creation, machine, winner.plant, say);
    if (production.kind === 'produced') return production.vm;
    const { error } = production;
    const refusal = { plant: winner.bid.plant, code: error.code, reason: error.message, rejected: [] };
    standing = {
      ...standing,
      offers: standing.offers.filter((offer) => offer !== winner),
      refusals: [...standing.refusals, refusal],
    };
    parts.logger.info(
      { vmid: creation.vmid, plant: winner.bid.plant, code: error.code, round },
      'the plant that won did not take the order',
    );
    if (round >= parts.limits.rounds) throw noBidError(standing.refusals);
  }
}

/** Bids that have not been taken yet, with what the other plants said. */
interface Standing {
  readonly offers: readonly Offer[];
  readonly refusals: readonly Refusal[];
  /** By `parts.now`. */
  readonly receivedAt: number;
}

/** The offers that still hold, or those of a new auction when none does. */
async function withOffers(
  parts: ShopParts,
  order: Order,
  machine: MachineRequest,
  standing: Standing,
): Promise<Standing> {
  const age = parts.now() - standing.receivedAt;
  const offers = standing.offers.filter(({ bid }) => age < bid.holdsForMilliseconds);
  if (offers.length > 0) return { ...standing, offers };
  const result = await holdAuction(
    parts.links.all(),
    { order, machine, explain: false },
    { timeoutMilliseconds: parts.limits.bidMilliseconds, signal: parts.stopping },
    parts,
  );
  return { ...result, receivedAt: parts.now() };
}

function produce(
  parts: ShopParts,
  creation: Creation,
  machine: MachineRequest,
  plant: PlantClient,
  say: (event: CreateEvent) => void,
): Promise<Production> {
  const { vmid, order, keepFailed } = creation;
  parts.hints.set(vmid, plant.address);
  return produceOn(
    plant,
    { vmid, machine, keepFailed, orderDigest: order.digest },
    { timeoutMilliseconds: produceDeadlineMilliseconds(order), signal: parts.stopping },
    asking(parts),
    {
      plan: (plan) => say({ plan }),
      progress: (progress) => say({ progress: progressToMessage(progress) }),
    },
  );
}

function finish(vm: Vm, creation: Creation, say: (event: CreateEvent) => void): void {
  if (vm.vmid !== creation.vmid || vm.orderDigest !== creation.order.digest) {
    throw new VmplantsError('DATA_LOSS', `the plant answered for ${creation.vmid} with another VM or order`, {
      reason: 'MALFORMED_ANSWER',
    });
  }
  if (vm.state !== 'running') throw notRunning(vm);
  say({ vm: vmToMessage(vm) });
}

/** What a repeated create finds when the VM of the first one is not, or not any more, what was asked for. */
function notRunning(vm: Vm): VmplantsError {
  const why = vm.reason === undefined ? '' : `: ${vm.reason}`;
  return new VmplantsError('FAILED_PRECONDITION', `${vm.vmid} exists and is ${vm.state}${why}`, {
    reason: 'VM_NOT_RUNNING',
    hint: 'collect it, then repeat the call',
  });
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

function asking(parts: ShopParts): CallOptions {
  return { timeoutMilliseconds: parts.limits.askMilliseconds, signal: parts.stopping };
}
