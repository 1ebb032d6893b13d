import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bid } from '../../../model/bid.js';
import { type Markup, markedUp, markedUpQuote, NO_MARKUP, parseMarkup } from '../../../shop/broker/markup.js';

const offered: Bid = {
  plant: 'p1',
  orderDigest: 'd',
  cost: 62,
  components: [
    { name: 'compute', cost: 12, basis: '4 x 3 VMs' },
    { name: 'network', cost: 50, basis: 'a new network' },
  ],
  image: 'base',
  rung: 'warm',
  prepared: false,
  residualSeconds: 1,
  holdsForMilliseconds: 1000,
};

describe('a mark-up', () => {
  it('is a percentage or a price for each VM', () => {
    expect(parseMarkup('10%')).toEqual({ kind: 'percent', percent: 10 });
    expect(parseMarkup(' 2.5 % ')).toEqual({ kind: 'percent', percent: 2.5 });
    expect(parseMarkup('5')).toEqual({ kind: 'fixed', amount: 5 });
  });

  it.each(['', '-1', '-1%', '%', 'x', '1e3', 'Infinity', 'NaN', '10%%', '1000001', '1 000', '0x10'])(
    'is not %j',
    (text) => {
      expect(() => parseMarkup(text)).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT', reason: 'USAGE' }),
      );
    },
  );

  it('is one more component that says what it is of', () => {
    const bid = markedUp(offered, 'b1', parseMarkup('10%'));
    expect(bid).toMatchObject({ plant: 'b1/p1', orderDigest: 'd', image: 'base' });
    expect(bid.cost).toBeCloseTo(68.2);
    expect(bid.components.slice(0, 2)).toEqual(offered.components);
    expect(bid.components[2]?.name).toBe('markup b1');
    expect(bid.components[2]?.basis).toBe('10 % of 62');
    expect(bid.components[2]?.cost).toBeCloseTo(6.2);
  });

  it('that is none is no component', () => {
    expect(markedUp(offered, 'b1', NO_MARKUP)).toEqual({ ...offered, plant: 'b1/p1' });
  });

  it('of several brokers adds up, each on what the one below asks', () => {
    const twice = markedUp(markedUp(offered, 'inner', parseMarkup('10%')), 'outer', parseMarkup('5'));
    expect(twice.plant).toBe('outer/inner/p1');
    expect(twice.cost).toBeCloseTo(73.2);
    expect(twice.components.map(({ name }) => name)).toEqual([
      'compute',
      'network',
      'markup inner',
      'markup outer',
    ]);
  });
});

const markups: fc.Arbitrary<Markup> = fc.oneof(
  fc.record({ kind: fc.constant('percent' as const), percent: fc.double({ min: 0, max: 1e6, noNaN: true }) }),
  fc.record({ kind: fc.constant('fixed' as const), amount: fc.double({ min: 0, max: 1e6, noNaN: true }) }),
);
const costs = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { maxLength: 5 });

describe('whatever the mark-ups', () => {
  it('a cost is finite, not negative, never less than before, and the sum of its components', () => {
    fc.assert(
      fc.property(costs, fc.array(markups, { maxLength: 4 }), (parts, chain) => {
        const components = parts.map((cost, index) => ({ name: `c${index}`, cost, basis: '' }));
        const cost = parts.reduce((sum, part) => sum + part, 0);
        const bid = chain.reduce<Bid>((inner, markup) => markedUp(inner, 'b', markup), {
          ...offered,
          components,
          cost,
        });
        expect(Number.isFinite(bid.cost)).toBe(true);
        expect(bid.cost).toBeGreaterThanOrEqual(cost);
        for (const component of bid.components) expect(component.cost).toBeGreaterThanOrEqual(0);
        const sum = bid.components.reduce((total, component) => total + component.cost, 0);
        expect(Math.abs(sum - bid.cost)).toBeLessThanOrEqual(bid.cost * 1e-9);
      }),
    );
  });

  it('a quote foretells the cost of a bid without and with a new network', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        markups,
        (cost, networkCost, markup) => {
          const quote = markedUpQuote({ cost, networkCost }, markup);
          const near = (asked: number, told: number) =>
            expect(Math.abs(asked - told)).toBeLessThanOrEqual(1e-6 + asked * 1e-9);
          near(markedUp({ ...offered, cost }, 'b', markup).cost, quote.cost);
          near(
            markedUp({ ...offered, cost: cost + networkCost }, 'b', markup).cost,
            quote.cost + quote.networkCost,
          );
        },
      ),
    );
  });
});
