import { expect, it } from 'vitest';
import type { Bid } from '../../../model/bid.js';
import type { Plan } from '../../../model/plan.js';
import { renderOffers } from '../../../shop/cli/renderOffers.js';

const plan: Plan = {
  orderDigest: '0',
  image: 'micro',
  rung: 'warm',
  performed: [],
  stages: [],
  residualSeconds: 0,
  savedSeconds: 0,
  rejected: [],
  warnings: [],
};

function offer(plant: string, cost: number): { readonly bid: Bid; readonly plan: Plan } {
  const bid: Bid = {
    plant,
    orderDigest: '0',
    cost,
    components: [],
    image: 'micro',
    rung: 'warm',
    residualSeconds: 0,
    holdsForMilliseconds: 1000,
  };
  return { bid, plan };
}

function places(...offers: readonly { readonly bid: Bid; readonly plan: Plan }[]): readonly string[] {
  return renderOffers({ offers, refusals: [] })
    .split('\n')
    .filter((line) => line.startsWith('plant '));
}

it('names a winner only where chance does not decide', () => {
  expect(places(offer('a', 4), offer('b', 50))).toEqual([
    'plant a would win with a bid of 4',
    'plant b would lose with a bid of 50',
  ]);
  expect(places(offer('a', 50), offer('b', 50), offer('c', 54))).toEqual([
    'plant a might win (a tie is broken at random) with a bid of 50',
    'plant b might win (a tie is broken at random) with a bid of 50',
    'plant c would lose with a bid of 54',
  ]);
});
