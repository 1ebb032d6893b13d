import { expect, it } from 'vitest';
import type { Bid } from '../../../model/bid.js';
import type { Plan } from '../../../model/plan.js';
import { renderBids } from '../../../shop/cli/renderBids.js';
import { renderOffers } from '../../../shop/cli/renderOffers.js';

const plan: Plan = {
  orderDigest: '0',
  image: 'micro',
  rung: 'warm',
  line: 'qemu',
  prepared: false,
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
    prepared: false,
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

it('says of a bid and a plan when a prepared machine serves them', () => {
  const { bid, plan: warm } = offer('a', 4);
  const prepared = { bid: { ...bid, prepared: true }, plan: { ...warm, prepared: true } };
  const rendered = renderOffers({ offers: [prepared], refusals: [] });
  expect(rendered).toContain('golden image  micro (warm: from a prepared machine, resumed and waiting)');
  expect(renderOffers({ offers: [offer('a', 4)], refusals: [] })).toContain(
    '(warm: its frozen memory is resumed)',
  );
  expect(renderBids([prepared.bid, { ...bid, plant: 'b' }], [], false)).toMatch(
    /warm, prepared.*\n.*b .* warm +0/,
  );
});

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
