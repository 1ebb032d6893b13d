import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Order } from '../model/order.js';
import type { CallOptions } from '../proto/channel.js';
import type { BidRequest } from '../proto/gen/vmplants/v1/BidRequest.js';
import { orderToMachineRequest } from '../proto/mapping/machineRequest.js';
import { fixedList } from '../registry/fixedList.js';
import { type AuctionResult, holdAuction, type Offer } from '../shop/auction.js';
import { choose } from '../shop/choice.js';
import { createFleet, type Fleet, type FleetPolicy } from '../shop/fleet/fleet.js';
import { openPlantLinks, type PlantLinks } from '../shop/plantLinks.js';
import { createPlantNames, type PlantNames } from '../shop/plantNames.js';
import { DEFAULT_SHOP_LIMITS } from '../shop/shopParts.js';
import {
  type BenchContext,
  type Benchmark,
  type Measurement,
  measurement,
  type Pairs,
  timePairs,
} from './measurement.js';
import { auctionOrder, auctionRequest } from './support/auctionOrder.js';
import { openBareClients } from './support/bareClients.js';
import { startFakePlants } from './support/fakePlantProcesses.js';
import { type PlantsProcess, startPlantsProcess } from './support/plantsProcess.js';
import { openRacingShop, type RacingShop } from './support/racingShops.js';
import { seededRandom } from './support/seededRandom.js';
import type { Surroundings } from './support/surroundings.js';

const FEW = 10;
const SOME = 100;
const MANY = 1_000;
/** Pairs of auctions. Processes with one plant each see few of them, so that they have more to warm up. */
const PAIRS = {
  [FEW]: { warmUp: 200, pairs: 201 },
  [SOME]: { warmUp: 20, pairs: 81 },
  [MANY]: { warmUp: 8, pairs: 31 },
} as const;
/** Sampled auctions whose winner is compared with the best plant, while this many other shops create. */
const COMPARED = 150;
const OTHER_SHOPS = 2;
/** No auction of a measurement may be cut off. */
const CALL: CallOptions = { timeoutMilliseconds: 60_000 };
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * What an auction takes, from the order in hand to the winner.
 *
 * `auction-10`, `auction-100`, `auction-1000`: all plants are asked, against the fan-out of the same messages by clients
 * and servers of the generated service that do nothing else. Ten plants are processes of `vmplant serve --line fake`;
 * more are whole plants in one process, each with its own server socket. The same order is auctioned again and again,
 * as by clients who want many VMs of a kind; `auction-10-new-orders`: every auction has an order that no plant has seen.
 * `auction-sampled`: a sampled auction of 1,000 plants, against asking all of 10.
 * `auction-sampled-cost`: mean cost of what a sampled auction takes, against the cheapest that any of the 1,000 plants
 * would have asked at that moment, with random loads and images, while two other shops create.
 */
export function auction(surroundings: Surroundings): Benchmark {
  return {
    name: 'auction',
    run: async function* (context) {
      // Short: sockets lie in it.
      const directory = await mkdtemp(join(surroundings.temporaryDirectory, 'vmplants-auction-'));
      try {
        yield* fullAtFew(context, surroundings, join(directory, 'few'));
        yield await fullAt(context, SOME, join(directory, 'some'));
        yield* atMany(context, surroundings, join(directory, 'many'));
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
}

async function* fullAtFew(
  context: BenchContext,
  surroundings: Surroundings,
  directory: string,
): AsyncIterable<Measurement> {
  const plants = await startFakePlants(FEW, surroundings, directory, context.signal);
  try {
    yield await againstBare(context, plants.addresses, FEW, 'auction-10', PAIRS[FEW], theSameOrder);
    yield await againstBare(context, plants.addresses, FEW, 'auction-10-new-orders', PAIRS[FEW], newOrders);
  } finally {
    await plants.end();
  }
}

async function fullAt(context: BenchContext, count: number, directory: string): Promise<Measurement> {
  const plants = await startPlants(context, count, directory);
  try {
    return await againstBare(context, plants.addresses, 1, `auction-${count}`, PAIRS[SOME], theSameOrder);
  } finally {
    await plants.end();
  }
}

async function* atMany(
  context: BenchContext,
  surroundings: Surroundings,
  directory: string,
): AsyncIterable<Measurement> {
  const plants = await startPlants(context, MANY, directory);
  try {
    yield await againstBare(context, plants.addresses, 1, 'auction-1000', PAIRS[MANY], theSameOrder);
    yield* sampled(context, surroundings, plants, join(directory, 'whole'));
  } finally {
    await plants.end();
  }
}

function startPlants(context: BenchContext, count: number, directory: string): Promise<PlantsProcess> {
  context.report(`auction: opening ${count} plants in one process`);
  return startPlantsProcess({ kind: 'plants', count, directory, seed: context.seed }, context.signal);
}

/** All plants are asked, against bare servers in as many processes as the plants have. */
async function againstBare(
  context: BenchContext,
  addresses: readonly string[],
  processes: number,
  name: string,
  pairs: Pairs,
  ordersFor: OrdersFor,
): Promise<Measurement> {
  const count = addresses.length;
  const shop = openShop(addresses, { askAll: count, sample: count }, context.seed);
  const bare: PlantsProcess[] = [];
  try {
    const [first] = (await shop.auction(auctionOrder(0))).offers;
    if (first === undefined) throw new Error('no plant bids');
    // What a plant really answers: the same bytes for both.
    const answer = JSON.stringify(await first.plant.bid(requestOf(auctionOrder(0)), CALL));
    for (let started = 0; started < processes; started++) {
      bare.push(await startPlantsProcess({ kind: 'bare', count: count / processes, answer }, context.signal));
    }
    const clients = openBareClients(bare.flatMap((process) => process.addresses));
    const times = await timePairs(
      context,
      pairs,
      withOrders(ordersFor(pairs), async (order) => winnerOf(await shop.auction(order), count)),
      withOrders(ordersFor(pairs), (order) => clients.ask(requestOf(order), CALL.timeoutMilliseconds)),
    ).finally(clients.close);
    return measurement(name, 'ms', times.measured, times.against);
  } finally {
    shop.close();
    for (const process of bare) await process.end();
  }
}

async function* sampled(
  context: BenchContext,
  surroundings: Surroundings,
  plants: PlantsProcess,
  directory: string,
): AsyncIterable<Measurement> {
  const policy = { askAll: DEFAULT_SHOP_LIMITS.askAll, sample: DEFAULT_SHOP_LIMITS.sample };
  const shop = openShop(plants.addresses, policy, context.seed);
  const few = await startFakePlants(FEW, surroundings, directory, context.signal);
  const whole = openShop(few.addresses, policy, context.seed);
  try {
    await allHeard(shop, context);
    const times = await timePairs(
      context,
      PAIRS[FEW],
      withOrders(theSameOrder(PAIRS[FEW]), async (order) =>
        winnerOf(await shop.auction(order), policy.sample),
      ),
      withOrders(theSameOrder(PAIRS[FEW]), async (order) => winnerOf(await whole.auction(order), FEW)),
    );
    yield measurement('auction-sampled', 'ms', times.measured, times.against);
    whole.close();
    await few.end();
    yield await chosenCost(context, shop, plants);
  } finally {
    shop.close();
    whole.close();
    await few.end();
  }
}

/** Mean cost of the winners, against the mean of the lowest costs. */
async function chosenCost(
  context: BenchContext,
  shop: BenchShop,
  plants: PlantsProcess,
): Promise<Measurement> {
  const others: RacingShop[] = [];
  const stop = new AbortController();
  let created = 0;
  try {
    for (let number = 0; number < OTHER_SHOPS; number++) {
      const over = plants.addresses.map((address) => ({ address }));
      others.push(await openRacingShop(over, context.seed + number + 1));
    }
    const create = async ({ client }: RacingShop): Promise<void> => {
      while (!stop.signal.aborted) {
        created += 1;
        await client.create(auctionRequest(1_000_000 + created));
      }
    };
    const costs = { chosen: 0, best: 0 };
    const compare = async (): Promise<void> => {
      for (let number = 0; number < COMPARED && !stop.signal.aborted; number++) {
        context.signal.throwIfAborted();
        // Both shops' VMs come between any two questions: which is asked first changes.
        const before = number % 2 === 0 ? await plants.lowestCost() : undefined;
        const winner = winnerOf(await shop.auction(auctionOrder(0)), DEFAULT_SHOP_LIMITS.sample);
        costs.chosen += winner.bid.cost;
        costs.best += before ?? (await plants.lowestCost());
      }
    };
    // Whichever fails or is done first ends the others, and all are waited for.
    const ended = await Promise.allSettled(
      [compare(), ...others.map(create)].map((work) => work.finally(() => stop.abort())),
    );
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
    context.report(`auction: the other shops created ${created} VMs meanwhile`);
    return measurement('auction-sampled-cost', 'cost', costs.chosen / COMPARED, costs.best / COMPARED);
  } finally {
    stop.abort();
    for (const other of others) await other.close();
  }
}

/** The part of a shop that holds auctions. */
interface BenchShop {
  readonly auction: (order: Order) => Promise<AuctionResult>;
  readonly names: PlantNames;
  readonly links: PlantLinks;
  readonly close: () => void;
}

function openShop(addresses: readonly string[], policy: FleetPolicy, seed: number): BenchShop {
  const registry = fixedList(addresses);
  const links = openPlantLinks(registry, undefined);
  const names = createPlantNames();
  const fleet: Fleet = createFleet({
    links,
    registry,
    names,
    policy,
    random: seededRandom(seed),
    logger: SILENT,
  });
  return {
    auction: (order) =>
      holdAuction(links.all(), { order, machine: orderToMachineRequest(order), explain: false }, CALL, {
        names,
        logger: SILENT,
        fleet,
        now: () => performance.now(),
      }),
    names,
    links,
    close: () => {
      fleet.close();
      links.close();
    },
  };
}

/** Until every plant has said its status. */
async function allHeard({ links, names }: BenchShop, { signal, report }: BenchContext): Promise<void> {
  const unheard = (): number => links.all().filter(({ address }) => names.of(address) === address).length;
  for (let left = unheard(); left > 0; left = unheard()) {
    report(`auction: waiting for the status of ${left} plants`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    signal.throwIfAborted();
  }
}

function winnerOf({ offers, refusals }: AuctionResult, least: number): Offer {
  if (offers.length < least) {
    const why = refusals.slice(0, 3).map(({ plant, code, reason }) => `${plant}: ${code}: ${reason}`);
    throw new Error(`expected offers of ${least} plants, found ${offers.length}; ${why.join('; ')}`);
  }
  const winner = choose(offers, () => 0);
  if (winner === undefined) throw new Error('nobody won');
  return winner;
}

/** An order for every auction of so many pairs, made before any is timed. */
type OrdersFor = (pairs: Pairs) => readonly Order[];

const theSameOrder: OrdersFor = ({ warmUp, pairs }) => new Array<Order>(warmUp + pairs).fill(auctionOrder(0));

const newOrders: OrdersFor = ({ warmUp, pairs }) =>
  Array.from({ length: warmUp + pairs }, (_, number) => auctionOrder(number + 1));

/** The work with one order after the other. */
function withOrders(
  orders: readonly Order[],
  work: (order: Order) => Promise<unknown>,
): () => Promise<unknown> {
  const left = orders.values();
  return () => {
    const next = left.next();
    if (next.done === true) throw new Error('there are fewer orders than auctions');
    return work(next.value);
  };
}

function requestOf(order: Order): BidRequest {
  return { machine: orderToMachineRequest(order), explain: false };
}
