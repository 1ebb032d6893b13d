import { createOrder } from '../../model/createOrder.js';
import type { Order } from '../../model/order.js';

const ACTIONS = 8;
/** Of the orders, so that the plants have a network of the domain or not. */
export const BENCH_DOMAIN = 'bench';

/**
 * An order like most, as a plain value: a chain of actions, each after the one before it, with a script of some lines.
 * Orders of different numbers ask for machines of different names.
 */
export function auctionRequest(number: number) {
  return {
    hardware: { memory: 64 },
    operatingSystem: { name: 'fake' },
    clientDomain: BENCH_DOMAIN,
    identity: { hostname: `bench-${number}` },
    actions: Array.from({ length: ACTIONS }, (_, place) => ({
      name: `action-${place}`,
      after: place === 0 ? [] : [`action-${place - 1}`],
      script: `echo installing the packages of layer ${place}\n`.repeat(5),
    })),
  };
}

export function auctionOrder(number: number): Order {
  return createOrder(auctionRequest(number));
}
