import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hasMark, keySetOf, markNumber } from '../../../shop/fleet/keySet.js';
import { mark } from './candidates.js';

it('a set of marks has those that it was made of, and no others', () => {
  const numbers = fc.integer({ min: 0, max: 2 ** 48 - 1 });
  fc.assert(
    fc.property(fc.array(numbers), numbers, (members, other) => {
      const keys = keySetOf(members.map(mark));
      for (const member of members) expect(hasMark(keys, markNumber(mark(member)))).toBe(true);
      expect(hasMark(keys, other)).toBe(members.includes(other));
    }),
  );
});

it('what is no mark is in no set', () => {
  const keys = keySetOf(['', 'xyz', '0x10', '1e3', 'ABCDEF', '0123456789abc']);
  expect(keys).toHaveLength(1);
  expect(hasMark(keys, 0x1e3)).toBe(true);
  expect(hasMark(keys, markNumber('no mark'))).toBe(false);
});
