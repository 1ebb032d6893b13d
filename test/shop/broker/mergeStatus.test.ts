import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlantStatus__Output } from '../../../proto/gen/vmplants/v1/PlantStatus.js';
import { NO_MARKUP, parseMarkup } from '../../../shop/broker/markup.js';
import { mergeStatus } from '../../../shop/broker/mergeStatus.js';

const idle: PlantStatus__Output = {
  name: 'p',
  broker: false,
  quote: { cost: 10, networkCost: 50 },
  freeVms: 4,
  freeMemoryMib: 1024,
  freeNetworks: 2,
  domains: ['d1'],
  images: { operatingSystems: ['debian 12'], keys: ['k1'] },
  lines: ['qemu'],
};

describe('the status of several plants', () => {
  it('of none offers nothing', () => {
    expect(mergeStatus([], NO_MARKUP)).toEqual({
      quote: null,
      freeVms: 0,
      freeMemoryMib: 0,
      freeNetworks: 0,
      domains: [],
      lines: [],
      images: { operatingSystems: [], keys: [] },
    });
  });

  it('has the most room that one of them has, and the quote of the cheapest that has room', () => {
    const full = { ...idle, freeVms: 0, freeMemoryMib: 4096, quote: { cost: 1, networkCost: 1 } };
    const dear = { ...idle, freeVms: 9, freeMemoryMib: 512, quote: { cost: 30, networkCost: 0 } };
    expect(mergeStatus([full, idle, dear], parseMarkup('10%'))).toMatchObject({
      freeVms: 9,
      freeMemoryMib: 4096,
      quote: { cost: 11, networkCost: 55 },
    });
    expect(mergeStatus([full, { ...full, quote: null }], NO_MARKUP).quote).toEqual({
      cost: 1,
      networkCost: 1,
    });
  });

  it.each([
    [Number.NaN, 0],
    [0, Number.NaN],
    [-1e308, 0],
    [0, -1],
    [Number.POSITIVE_INFINITY, 0],
    // Finite until the mark-up is on it.
    [1.7e308, 0],
  ])('has no quote of one that asks %d and %d', (cost, networkCost) => {
    const bad = { ...idle, quote: { cost, networkCost } };
    for (const statuses of [
      [bad, idle],
      [idle, bad],
      [bad, { ...idle, freeVms: 0 }],
    ]) {
      expect(mergeStatus(statuses, parseMarkup('10%')).quote).toEqual({ cost: 11, networkCost: 55 });
    }
    expect(mergeStatus([bad], parseMarkup('10%')).quote).toBeNull();
  });

  it('knows what the images of all offer, the newest of each first, and no more than a plant says', () => {
    const keys = (letter: string) => Array.from({ length: 4000 }, (_, index) => `${letter}${index}`);
    const of = (letter: string): PlantStatus__Output => ({
      ...idle,
      images: { operatingSystems: ['debian 12', `${letter} 1`], keys: keys(letter) },
      lines: [letter],
    });
    const merged = mergeStatus([of('a'), of('b'), { ...idle, images: null, lines: ['a'] }], NO_MARKUP);
    expect(merged.lines).toEqual(['a', 'b']);
    expect(merged.images.operatingSystems).toEqual(['debian 12', 'a 1', 'b 1']);
    expect(merged.images.keys).toHaveLength(4096);
    expect(merged.images.keys.slice(0, 4)).toEqual(['a0', 'b0', 'a1', 'b1']);
  });

  it('is all that its plants offer, each thing once, whatever they offer', () => {
    const texts = fc.uniqueArray(fc.string({ maxLength: 2 }), { maxLength: 6 });
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 5 }), (lists) => {
        const merged = mergeStatus(
          lists.map((keys) => ({ ...idle, images: { operatingSystems: [], keys } })),
          NO_MARKUP,
        );
        expect([...merged.images.keys].sort()).toEqual([...new Set(lists.flat())].sort());
      }),
    );
  });
});
