import { describe, expect, it } from 'vitest';
import { createOrder } from '../../../model/createOrder.js';
import { shapeOf } from '../../../plant/learn/shapeOf.js';

function shaped(actions: readonly object[], rest: object = {}) {
  return shapeOf(
    createOrder({ hardware: { memory: 256 }, operatingSystem: { name: 'fake' }, actions, ...rest }),
  );
}

const A = { name: 'a', script: 'echo a' };
const B = { name: 'b', script: 'echo b', after: ['a'] };
const C = { name: 'c', script: 'echo c', after: ['a'] };

describe('the shape of an order', () => {
  it('is the same however it is written and whatever its actions are called', () => {
    const renamed = [
      { name: 'z', script: 'echo c', after: ['x'] },
      { name: 'x', script: 'echo a' },
      { name: 'y', script: 'echo b', after: ['x'] },
    ];
    expect(shaped(renamed).shape.digest).toBe(shaped([A, B, C]).shape.digest);
  });

  it.each([
    ['another edge', [A, B, { ...C, after: ['b'] }], {}],
    ['another action', [A, B, { ...C, script: 'echo d' }], {}],
    ['another machine', [A, B, C], { hardware: { memory: 512 } }],
    ['another domain', [A, B, C], { clientDomain: 'other' }],
    ['another age', [A, B, { ...C, maxAge: '1h' }], {}],
  ])('is another for %s', (_what, actions, rest) => {
    expect(shaped(actions, rest).shape.digest).not.toBe(shaped([A, B, C]).shape.digest);
  });

  it('is the same where equal actions stand in another order', () => {
    const again = (name: string, after: readonly string[]) => ({ name, script: 'echo again', after });
    const first = [A, again('one', ['a']), again('two', []), { ...B, after: ['two'] }];
    const second = [A, again('two', []), { ...B, after: ['two'] }, again('one', ['a'])];
    expect(shaped(second).shape.digest).toBe(shaped(first).shape.digest);
    const other = [A, again('one', ['a']), again('two', []), { ...B, after: ['one'] }];
    expect(shaped(other).shape.digest).not.toBe(shaped(first).shape.digest);
  });

  it('leaves out what belongs to one VM, and what comes after', () => {
    const mine = {
      name: 'mine',
      script: 'echo "$PARAM_user"',
      parameters: { user: { identity: 'user' } },
      after: ['a'],
    };
    const { shape, actions } = shaped([{ ...B, after: ['mine'] }, mine, A, C], { identity: { user: 'ann' } });
    expect(shape.actions.map(({ name, after }) => [name, after])).toEqual([
      ['a', []],
      ['c', [0]],
    ]);
    expect(actions.map(({ name }) => name)).toEqual(['a', 'c']);
  });

  it('has no actions where the order names an opaque one: no image that is baked serves it', () => {
    const { shape, actions } = shaped([A, { name: 'by-hand', opaque: 'ab'.repeat(32) }]);
    expect(shape.actions).toEqual([]);
    expect(actions).toEqual([]);
  });
});
