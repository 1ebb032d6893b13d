import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decidePrepared,
  LEAST_DEMAND,
  type PointState,
  type PrepareInput,
} from '../../../plant/prepare/decidePrepared.js';
import {
  type Demand,
  demandByPoint,
  NO_DEMAND,
  replanned,
  withOrder,
  withoutForgotten,
} from '../../../plant/prepare/demand.js';
import { makeWay } from '../../../plant/prepare/makeWay.js';
import type { PreparePoint } from '../../../plant/prepare/prepared.js';
import { pointKey } from '../../../plant/prepare/preparePoint.js';
import { fakeOrder } from '../produce/rig.js';

function point(image: string, memoryMiB = 128): PreparePoint {
  return { image, line: 'fake', rung: 'warm', vcpus: 1, memoryMiB, network: 'host-only' };
}

function state(image: string, change: Partial<PointState> = {}): PointState {
  return { point: point(image), demand: 1, inUse: 0, waiting: 0, savedSeconds: 0.5, ...change };
}

const ROOM = { freeMemoryMiB: 100_000, freeVms: 1000 };
const LIMITS = { memoryMiB: 10_000, spare: 2, maxPerImage: 5 };

function wanted(points: readonly PointState[], change: Partial<PrepareInput> = {}): readonly number[] {
  return decidePrepared({ points, limits: LIMITS, ...ROOM, ...change }).map((one) => one.wanted);
}

describe('how many machines wait', () => {
  test.each([
    ['as many as are spare', 0, 2],
    ['as many beside those in use', 2, 2],
    ['up to the most of an image', 4, 1],
    ['none where all are in use', 5, 0],
    ['none where more are', 9, 0],
  ])('%s', (_what, inUse, expected) => {
    expect(wanted([state('a', { inUse })])).toEqual([expected]);
  });

  test('none without demand, and none that save nothing', () => {
    expect(wanted([state('a', { demand: LEAST_DEMAND / 2 })])).toEqual([0]);
    expect(wanted([state('a', { savedSeconds: 0 })])).toEqual([0]);
  });

  test('those that save more for their memory come first', () => {
    const limits = { ...LIMITS, memoryMiB: 256 };
    expect(wanted([state('a'), state('b', { demand: 9 })], { limits })).toEqual([0, 2]);
    expect(wanted([state('a', { point: point('a', 512), demand: 3 }), state('b')], { limits })).toEqual([
      0, 2,
    ]);
    // The second of one is worth less than the first of another.
    expect(wanted([state('a'), state('b', { demand: 1.5 })], { limits })).toEqual([1, 1]);
  });

  test('one that waits is not given up for one that is worth hardly more', () => {
    const limits = { ...LIMITS, memoryMiB: 128 };
    expect(wanted([state('a', { waiting: 1 }), state('b', { demand: 1.2 })], { limits })).toEqual([1, 0]);
    expect(wanted([state('a', { waiting: 1 }), state('b', { demand: 2 })], { limits })).toEqual([0, 1]);
  });

  test('no more than the plant has memory and places for', () => {
    expect(wanted([state('a')], { freeMemoryMiB: 128 })).toEqual([1]);
    expect(wanted([state('a')], { freeMemoryMiB: -5 })).toEqual([0]);
    expect(wanted([state('a')], { freeVms: 1 })).toEqual([1]);
    expect(wanted([state('a')], { freeVms: 0 })).toEqual([0]);
  });

  const points = fc.uniqueArray(
    fc.record({
      point: fc.record({
        image: fc.constantFrom('a', 'b', 'c'),
        line: fc.constantFrom('fake', 'other'),
        rung: fc.constantFrom('warm' as const, 'disk' as const),
        vcpus: fc.integer({ min: 1, max: 2 }),
        memoryMiB: fc.constantFrom(64, 128, 512, 2048),
        network: fc.constantFrom('host-only' as const, 'none' as const),
      }),
      demand: fc.double({ min: 0, max: 20, noNaN: true }),
      inUse: fc.integer({ min: 0, max: 8 }),
      waiting: fc.integer({ min: 0, max: 8 }),
      savedSeconds: fc.double({ min: 0, max: 5, noNaN: true }),
    }),
    { maxLength: 8, selector: (one) => pointKey(one.point) },
  );
  const inputs: fc.Arbitrary<PrepareInput> = fc.record({
    points,
    limits: fc.record({
      memoryMiB: fc.integer({ min: 0, max: 4096 }),
      spare: fc.integer({ min: 0, max: 4 }),
      maxPerImage: fc.integer({ min: 0, max: 8 }),
    }),
    freeMemoryMiB: fc.integer({ min: -512, max: 4096 }),
    freeVms: fc.integer({ min: -2, max: 12 }),
  });

  test('every limit is kept, whatever there is', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const decided = decidePrepared(input);
        expect(decided.map((one) => one.point)).toEqual(input.points.map((one) => one.point));
        const memory = decided.reduce((sum, one) => sum + one.wanted * one.point.memoryMiB, 0);
        expect(memory).toBeLessThanOrEqual(
          Math.max(0, Math.min(input.limits.memoryMiB, input.freeMemoryMiB)),
        );
        expect(decided.reduce((sum, one) => sum + one.wanted, 0)).toBeLessThanOrEqual(
          Math.max(0, input.freeVms),
        );
        for (const [at, one] of decided.entries()) {
          const { inUse, demand } = input.points[at] ?? { inUse: 0, demand: 0 };
          const total = Math.max(0, Math.min(inUse + input.limits.spare, input.limits.maxPerImage));
          expect(one.wanted).toBeLessThanOrEqual(Math.max(0, total - inUse));
          if (demand < LEAST_DEMAND) expect(one.wanted).toBe(0);
        }
        for (const image of ['a', 'b', 'c']) {
          const made = decided.filter((one) => one.point.image === image && one.wanted > 0);
          if (made.length === 0) continue;
          const inUse = input.points
            .filter((one) => one.point.image === image)
            .reduce((sum, one) => sum + one.inUse, 0);
          const waiting = made.reduce((sum, one) => sum + one.wanted, 0);
          expect(inUse + waiting).toBeLessThanOrEqual(input.limits.maxPerImage);
        }
      }),
    );
  });

  test('nothing that would fit beside it is left out', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const decided = decidePrepared(input);
        const memory = decided.reduce((sum, one) => sum + one.wanted * one.point.memoryMiB, 0);
        const count = decided.reduce((sum, one) => sum + one.wanted, 0);
        for (const [at, one] of decided.entries()) {
          const known = input.points[at];
          if (known === undefined || known.demand < LEAST_DEMAND || known.savedSeconds <= 0) continue;
          const total = Math.min(known.inUse + input.limits.spare, input.limits.maxPerImage);
          const ofImage = input.points.reduce(
            (sum, { point: { image }, inUse }, place) =>
              image === known.point.image ? sum + inUse + (decided[place]?.wanted ?? 0) : sum,
            0,
          );
          const room = Math.min(input.limits.memoryMiB, input.freeMemoryMiB) - memory;
          const fits =
            known.inUse + one.wanted < total &&
            ofImage < input.limits.maxPerImage &&
            count < input.freeVms &&
            known.point.memoryMiB <= room;
          expect(fits).toBe(false);
        }
      }),
    );
  });

  test('does not depend on the order of the points', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const byPoint = (decided: ReturnType<typeof decidePrepared>) =>
          new Map(decided.map((one) => [pointKey(one.point), one.wanted]));
        const turned = decidePrepared({ ...input, points: input.points.toReversed() });
        expect(byPoint(turned)).toEqual(byPoint(decidePrepared(input)));
      }),
    );
  });
});

describe('demand', () => {
  const HALF_LIFE = 30 * 60_000;

  const at = (demand: Demand, now: number, image = 'a'): number =>
    demandByPoint(demand, now).get(pointKey(point(image)))?.weight ?? 0;

  test('grows with every order and halves with time', () => {
    const once = withOrder(NO_DEMAND, 'kind', { point: point('a'), at: 0 });
    const twice = withOrder(once, 'kind', { point: point('a'), at: HALF_LIFE });
    expect(at(once, 0)).toBe(1);
    expect(at(once, HALF_LIFE)).toBeCloseTo(0.5);
    expect(at(twice, HALF_LIFE)).toBeCloseTo(1.5);
    // A clock that is set back changes nothing.
    expect(at(twice, 0)).toBeCloseTo(1.5);
  });

  test('is forgotten once it is small', () => {
    const first = withOrder(NO_DEMAND, 'first', { point: point('a'), at: 0 });
    const demand = withOrder(first, 'second', { point: point('b'), at: 3 * HALF_LIFE });
    expect([...withoutForgotten(demand, 4 * HALF_LIFE, LEAST_DEMAND).keys()]).toEqual(['second']);
  });

  test('of several kinds of order adds up at the point that serves them, and follows the planner to another', () => {
    const order = fakeOrder([{ name: 'work', script: 'echo done\n' }]);
    const first = withOrder(NO_DEMAND, 'first', { point: point('a'), at: 0, order });
    const demand = withOrder(first, 'second', { point: point('a'), at: 0 });
    expect(at(demand, 0)).toBe(2);
    const moved = replanned(demand, () => point('b'));
    // What is known of a record alone cannot be planned again.
    expect([at(moved, 0, 'a'), at(moved, 0, 'b')]).toEqual([1, 1]);
    expect(
      at(
        replanned(demand, () => undefined),
        0,
      ),
    ).toBe(1);
  });
});

test('what is worth least makes way, and no more than has to', () => {
  const held = [
    { id: 'a', memoryMiB: 128, worth: 3 },
    { id: 'b', memoryMiB: 64, worth: 1 },
    { id: 'c', memoryMiB: 256, worth: 2 },
  ];
  expect(makeWay(held, { memoryMiB: 0, places: 0 })).toEqual([]);
  expect(makeWay(held, { memoryMiB: 1, places: 0 })).toEqual(['b']);
  expect(makeWay(held, { memoryMiB: 65, places: 0 })).toEqual(['b', 'c']);
  expect(makeWay(held, { memoryMiB: -10, places: 1 })).toEqual(['b']);
  expect(makeWay(held, { memoryMiB: 9999, places: 0 })).toEqual(['b', 'c', 'a']);
});
