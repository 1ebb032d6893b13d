import { describe, expect, it } from 'vitest';
import { replayLearning } from '../../bench/support/learningReplay.js';
import { MEASURED_ACTIONS } from '../../bench/support/measuredActions.js';
import { type CacheRoom, exactRecipeCache, layerCache, noCache } from '../../bench/support/peerCaches.js';
import {
  type Arrival,
  makeTrace,
  type Recipe,
  type TraceAction,
  wholeSeconds,
} from '../../bench/support/trace.js';

const PARAMETERS = {
  orders: 300,
  recipes: 40,
  popularityExponent: 1,
  meanGapSeconds: 600,
  actions: MEASURED_ACTIONS,
};

function recipe(...names: readonly string[]): Recipe {
  const actions = names.map((name): TraceAction => ({ name, seconds: 10, bytes: 100 }));
  return { actions, after: actions.map(() => []) };
}

function arrival(of: Recipe, written: readonly number[] = [...of.actions.keys()]): Arrival {
  return { recipe: of, written, gapSeconds: 1000 };
}

describe('a trace', () => {
  it('is the same for the same seed, and another for another', () => {
    const trace = makeTrace({ ...PARAMETERS, sharing: 'prefixes', seed: 1 });
    expect(makeTrace({ ...PARAMETERS, sharing: 'prefixes', seed: 1 })).toEqual(trace);
    expect(makeTrace({ ...PARAMETERS, sharing: 'prefixes', seed: 2 })).not.toEqual(trace);
  });

  it.each(['prefixes', 'nothing'] as const)('is written in orders that the DAG allows: %s', (sharing) => {
    for (const { recipe: one, written } of makeTrace({ ...PARAMETERS, sharing, seed: 3 })) {
      expect([...written].sort((a, b) => a - b)).toEqual([...one.actions.keys()]);
      one.after.forEach((before, place) => {
        for (const other of before) expect(written.indexOf(other)).toBeLessThan(written.indexOf(place));
      });
    }
  });

  it('shares prefixes, or nothing', () => {
    const names = (sharing: 'prefixes' | 'nothing'): readonly string[] => {
      const trace = makeTrace({ ...PARAMETERS, sharing, seed: 4 });
      return [...new Set(trace.map((one) => one.recipe))].flatMap(({ actions }) =>
        actions.map(({ name }) => name),
      );
    };
    const shared = names('prefixes');
    expect(new Set(shared).size).toBeLessThan(shared.length / 2);
    const own = names('nothing');
    expect(new Set(own).size).toBe(own.length);
  });
});

describe('the caches that learning is compared with', () => {
  const room: CacheRoom = { bytes: 450, memoryBytes: 50 };
  const one = recipe('a', 'b');
  const two = recipe('a', 'c');

  it('exact recipes: a hit however it is written, and the least recently used goes', () => {
    const cache = exactRecipeCache({ ...room, bytes: 500 });
    const third = recipe('d', 'e');
    const served = [one, two, one, third, one, two].map((of) => cache.serve(arrival(of, [1, 0])));
    expect(served).toEqual([20, 20, 0, 20, 0, 20]);
  });

  it('layers: what was written first is shared, another order of writing is not', () => {
    const cache = layerCache(room);
    expect(cache.serve(arrival(one))).toBe(20);
    expect(cache.serve(arrival(two))).toBe(10);
    expect(cache.serve(arrival(one))).toBe(0);
    expect(cache.serve(arrival(one, [1, 0]))).toBe(20);
  });

  it('layers: the room is kept, and the least recently used that nothing lies on goes', () => {
    // Two chains of two do not fit together: 2 x (100 + 100 + 50).
    const cache = layerCache(room);
    const other = recipe('x', 'y');
    expect(cache.serve(arrival(one))).toBe(20);
    expect(cache.serve(arrival(other))).toBe(20);
    // Of the first chain the upper layer went.
    expect(cache.serve(arrival(one))).toBe(10);
  });

  it('none: all of the work', () => {
    expect(noCache().serve(arrival(one))).toBe(wholeSeconds(one));
  });
});

describe('the replay of learning', () => {
  it('leaves less work than its peers in the same room, where recipes share prefixes', () => {
    const trace = makeTrace({ ...PARAMETERS, sharing: 'prefixes', seed: 5 });
    const room: CacheRoom = { bytes: 4e9, memoryBytes: 128e6 };
    const mean = (cache: { serve: (one: Arrival) => number }): number =>
      trace.reduce((sum, one) => sum + cache.serve(one), 0) / trace.length;
    const learned = replayLearning(trace, room);
    expect(learned).toBeLessThan(mean(exactRecipeCache(room)));
    expect(learned).toBeLessThan(mean(layerCache(room)));
    expect(learned).toBeGreaterThan(0);
  });

  it('learns nothing without room, and nothing without time', () => {
    const trace = makeTrace({ ...PARAMETERS, orders: 50, sharing: 'prefixes', seed: 6 });
    const all = trace.reduce((sum, one) => sum + wholeSeconds(one.recipe), 0) / trace.length;
    expect(replayLearning(trace, { bytes: 0, memoryBytes: 1 })).toBeCloseTo(all, 9);
    const hurried = trace.map((one) => ({ ...one, gapSeconds: 1 }));
    expect(replayLearning(hurried, { bytes: 1e12, memoryBytes: 1 })).toBeCloseTo(all, 9);
  });
});
