import { auctionOrder } from './auctionOrder.js';
import { openBarePlants } from './barePlants.js';
import { type ManyPlants, openManyPlants } from './manyPlants.js';

/**
 * The plants' side of the auction's measurement, a process of its own that ends with its parent. Its first message says
 * what to open; it answers with the addresses. To every other message it answers with the lowest cost that any plant
 * would ask for an order now.
 */
export type Opening =
  | { readonly kind: 'plants'; readonly count: number; readonly directory: string; readonly seed: number }
  /** Servers that answer with this BidResponse, as JSON. */
  | { readonly kind: 'bare'; readonly count: number; readonly answer: string };

/** What it says. */
export interface Said {
  readonly addresses?: readonly string[];
  readonly lowestCost?: number;
  /** Why it could not do what it was told. */
  readonly error?: string;
}

const order = auctionOrder(0);
let plants: ManyPlants | undefined;

async function answer(message: Opening | 'lowest-cost'): Promise<Said> {
  if (message === 'lowest-cost') return { lowestCost: plants?.lowestCost(order) ?? Number.NaN };
  if (message.kind === 'bare') return openBarePlants(message.count, JSON.parse(message.answer));
  plants = await openManyPlants(message.count, order, message.directory, message.seed);
  return { addresses: plants.addresses };
}

process.on('message', (message: Opening | 'lowest-cost') => {
  answer(message).then(
    (said) => process.send?.(said),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
