import { describe, expect, it } from 'vitest';
import { decideLearning } from '../../../../plant/learn/decide/decideLearning.js';
import type { LearningDecision, LearningInput } from '../../../../plant/learn/decide/learning.js';
import { choose } from '../../../../plant/planner/choose.js';
import { createIndex } from '../../../../plant/planner/imageIndex.js';
import { image, LINE, NOW } from '../../planner/build.js';
import { Dice } from '../../planner/random.js';
import { bestValue, carriedOut, isAskedTwice, isBudgeted, orderOf, worthOf } from './exhaustive.js';
import { BASE, input, learned, PROFILE, randomInput, shape, uses } from './randomHistory.js';

/** Keys of what is to be baked, in the order of performing. */
function baked(decision: LearningDecision): readonly string[] {
  return decision.bake.map(({ shape: of, perform }) =>
    perform.map((place) => of.actions[place]?.key).join(''),
  );
}

describe('what is baked', () => {
  it('is the prefix that kinds of order share, where there is no room for each of them', () => {
    const first = shape('1', [['a'], ['b', 0], ['c', 1]]);
    const second = shape('2', [['b', 1], ['a'], ['d', 0]]);
    const decision = decideLearning(
      input({ history: [uses(first, 3), uses(second, 2)], budget: { bytes: 100, images: 1 } }),
    );
    expect(baked(decision)).toEqual(['ab']);
    expect(decision.bake[0]?.reason).toBe('shared by 2 kinds of order, 5 orders in the last day');
  });

  it('is the whole of what is ordered, where there is room', () => {
    const decision = decideLearning(input({ history: [uses(shape('1', [['a'], ['b'], ['c']]), 2)] }));
    expect(baked(decision)).toEqual(['abc']);
  });

  it('is nothing where nothing was ordered', () => {
    expect(decideLearning(input()).bake).toEqual([]);
  });

  it('is performed in an order that all whom it is for allow', () => {
    const first = shape('1', [['a'], ['b'], ['c', 1]]);
    const second = shape('2', [['a', 1], ['b'], ['d', 0]]);
    const decision = decideLearning(
      input({ history: [uses(first, 3), uses(second, 3)], budget: { bytes: 100, images: 1 } }),
    );
    expect(baked(decision)).toEqual(['ba']);
  });

  it('leaves out what its orders want the other way round', () => {
    const first = shape('1', [['a'], ['b', 0], ['c', 1], ['d', 0]]);
    const second = shape('2', [['a', 1], ['b'], ['c', 1], ['e', 0]]);
    const third = shape('3', [['f'], ['a'], ['b', 1]]);
    const decision = decideLearning(
      input({
        history: [uses(first, 3), uses(second, 3), uses(third, 9)],
        budget: { bytes: 100, images: 1 },
      }),
    );
    const [made] = carriedOut(input(), decision).slice(1);
    const served = [first, second, third].map(
      (one) =>
        choose(createIndex(made === undefined ? [] : [made.image]), {
          order: orderOf(one),
          now: NOW,
          lines: [LINE],
        })?.performed.length,
    );
    // "a then b" or "b then a" cannot be for both; the third alone is worth more than either.
    expect(served).toEqual([undefined, undefined, 3]);
  });

  it('holds no more equal actions than the order has', () => {
    const decision = decideLearning(input({ history: [uses(shape('1', [['a'], ['a', 0], ['b']]), 2)] }));
    expect(baked(decision).map((keys) => [...keys].sort().join(''))).toEqual(['aab']);
  });

  it('serves its own profile, and no machine of another domain', () => {
    const other = { ...PROFILE, clientDomain: 'other' };
    const decision = decideLearning(
      input({ history: [uses(shape('1', [['a'], ['b']]), 2), uses(shape('2', [['a'], ['c']], other), 2)] }),
    );
    expect([...baked(decision)].sort()).toEqual(['ab', 'ac']);
  });

  it('is nothing that is too old before it has repaid its bake', () => {
    const aged = (maxAgeSeconds: number) => shape('1', [{ name: 'a', key: 'a', after: [], maxAgeSeconds }]);
    expect(decideLearning(input({ history: [uses(aged(60), 2)] })).bake).toEqual([]);
    expect(baked(decideLearning(input({ history: [uses(aged(60 * 86_400), 2)] })))).toEqual(['a']);
  });

  it('is nothing where no image is there to begin from', () => {
    const decision = decideLearning(input({ images: [], history: [uses(shape('1', [['a']]), 2)] }));
    expect(decision.bake).toEqual([]);
  });
});

describe('what one order alone asked for', () => {
  const first = shape('1', [['a'], ['b', 0], ['c', 1]]);
  const second = shape('2', [['a'], ['b', 0], ['d', 1]]);
  const budget = { bytes: 1000, images: 10 };
  const bakedFor = (...history: LearningInput['history']): readonly string[] =>
    baked(decideLearning(input({ history, budget })));

  it('is not baked, however long it takes', () => {
    const seconds = new Map(Array.from('abc', (key) => [key, 1e6]));
    expect(decideLearning(input({ history: [uses(first, 1)], seconds, budget })).bake).toEqual([]);
  });

  it('is baked once it was asked for again', () => {
    expect(bakedFor(uses(first, 2))).toEqual(['abc']);
    // The history may give the orders of a shape in parts.
    expect(bakedFor(uses(first, 1), uses(first, 1))).toEqual(['abc']);
  });

  it('is left out of what it shares with another order, which is baked', () => {
    expect(bakedFor(uses(first, 1), uses(second, 1))).toEqual(['ab']);
    expect([...bakedFor(uses(first, 2), uses(second, 1))].sort()).toEqual(['ab', 'abc']);
  });

  it('is left out with all that comes after it', () => {
    // Two orders asked for c, each of them after something that it alone asked for.
    const third = shape('3', [['e'], ['c', 0]]);
    const fourth = shape('4', [['f'], ['c', 0], ['a']]);
    expect(bakedFor(uses(third, 1), uses(fourth, 1))).toEqual([]);
    expect(bakedFor(uses(first, 1), uses(fourth, 1))).toEqual(['a']);
  });

  it.each([
    ['of another client domain', { clientDomain: 'other' }],
    ['for another machine', { hardware: { ...PROFILE.hardware, memoryMiB: 128 } }],
  ])('stays so when an order %s asks for it too', (_, different) => {
    const theirs = (digest: string) =>
      shape(digest, [['a'], ['b', 0], ['c', 1]], { ...PROFILE, ...different });
    expect(bakedFor(uses(first, 1), uses(theirs('2'), 1))).toEqual([]);
    // Neither would have been left out for any other reason.
    const [mine, ...others] = bakedFor(uses(first, 2), uses(theirs('2'), 1));
    expect([mine, others]).toEqual(['abc', []]);
    const [other, ...more] = bakedFor(uses(first, 1), uses(theirs('2'), 2));
    expect([other, more]).toEqual(['abc', []]);
  });

  it('is the second of two equal actions as well, where other orders have one', () => {
    const twice = shape('3', [['a'], ['a', 0]]);
    expect(bakedFor(uses(shape('4', [['a']]), 5), uses(twice, 1))).toEqual(['a']);
    expect([...bakedFor(uses(shape('4', [['a']]), 5), uses(twice, 2))].sort()).toEqual(['a', 'aa']);
  });
});

describe('what is evicted', () => {
  const often = uses(shape('1', [['a'], ['b']]), 9);
  const seldom = uses(shape('2', [['c'], ['d']]), 2);
  const budget = { bytes: 100, images: 1 };

  it('is what is worth less than what would take its room', () => {
    const decision = decideLearning(
      input({ history: [often, seldom], budget, images: [BASE, learned('old', ['c', 'd'])] }),
    );
    expect(decision.evict.map((one) => one.image)).toEqual(['old']);
    expect(baked(decision)).toEqual(['ab']);
  });

  it.each(['pinned', 'vms', 'prepared', 'backs-others', 'unfinished-work'] as const)(
    'is nothing that is protected: %s',
    (protection) => {
      const held = learned('old', ['c', 'd'], { protectedBy: [protection] });
      const decision = decideLearning(input({ history: [often, seldom], budget, images: [BASE, held] }));
      expect(decision.evict).toEqual([]);
      // It takes all of the budget.
      expect(decision.bake).toEqual([]);
    },
  );

  it('is nothing that people made, which takes nothing of the budget', () => {
    const published = learned('theirs', ['c'], { origin: 'recipe', bytes: 1e9 });
    const decision = decideLearning(input({ history: [often], budget, images: [BASE, published] }));
    expect(decision.evict).toEqual([]);
    expect(baked(decision)).toEqual(['ab']);
    expect(decision.keep).toEqual([
      { image: 'base', reason: 'a base that was installed' },
      { image: 'theirs', reason: 'published by ufl' },
    ]);
  });

  it('is nothing that another plant made, which takes nothing of the budget', () => {
    const ofOther = { ofOther: true, bytes: 1e9 } as const;
    const images = [
      BASE,
      learned('theirs', ['c'], { ...ofOther, madeBy: 'plant-2.south-0123456789abcdef' }),
      learned('unnamed', ['x'], ofOther),
      learned('warm', [], {
        ...ofOther,
        madeBy: 'north-0123456789abcdef',
        origin: 'rewarmed',
        parent: 'gone',
        protectedBy: ['other-plants'],
      }),
    ];
    const decision = decideLearning(input({ history: [often], budget, images }));
    expect(decision.evict).toEqual([]);
    expect(baked(decision)).toEqual(['ab']);
    expect(decision.keep.slice(1)).toEqual([
      { image: 'theirs', reason: 'learned by the plant plant-2.south' },
      { image: 'unnamed', reason: 'learned by a plant that it does not name' },
      { image: 'warm', reason: 'rewarmed by the plant north; other plants use it' },
    ]);
  });

  it('is what another plant made as well, where there is something better for its room', () => {
    const mine = learned('mine', ['a', 'b']);
    const theirs = learned('theirs', ['a', 'b'], { ofOther: true });
    const given = input({ history: [often, seldom], budget, images: [BASE, mine, theirs] });
    // What the other one has made saves what one's own does, and is not made again.
    const decision = decideLearning(given);
    expect(decision.evict.map((one) => one.image)).toEqual(['mine']);
    expect(baked(decision)).toEqual(['cd']);
  });

  it('is nothing for the sake of something only a little better', () => {
    const about = [uses(shape('1', [['a']]), 11), uses(shape('2', [['b']]), 11)];
    const seconds = new Map([
      ['a', 10],
      ['b', 10.5],
    ]);
    const decision = decideLearning(
      input({ history: about, seconds, budget, images: [BASE, learned('old', ['a'])] }),
    );
    expect(decision.evict).toEqual([]);
    expect(decision.bake).toEqual([]);
  });

  it('is what the budget does not hold, the least first', () => {
    const decision = decideLearning(
      input({
        history: [often, seldom],
        budget,
        images: [BASE, learned('good', ['a', 'b']), learned('bad', ['c', 'd']), learned('useless', ['x'])],
      }),
    );
    expect(decision.evict.map((one) => one.image)).toEqual(['useless', 'bad']);
  });

  it('is a re-warmed image whose parent is gone or is resumed here itself', () => {
    const foreign = image({ name: 'foreign', performed: ['a'], origin: 'recipe', memory: { vmm: 'other' } });
    const parents = [
      BASE,
      { image: foreign, bytes: 100, protectedBy: [] },
      learned('resumed', ['a'], { origin: 'recipe' }),
    ];
    const decision = decideLearning(
      input({
        budget: { bytes: 1000, images: 10 },
        images: [
          ...parents,
          learned('of-foreign', ['a'], { origin: 'rewarmed', parent: 'foreign' }),
          learned('of-resumed', ['a'], { origin: 'rewarmed', parent: 'resumed' }),
          learned('of-gone', ['a'], { origin: 'rewarmed', parent: 'gone' }),
        ],
      }),
    );
    expect(decision.evict.map((one) => one.image)).toEqual(['of-gone', 'of-resumed']);
  });

  it('is no re-warmed image while the memory of its parent fails here', () => {
    const parent = { ...learned('parent', ['a'], { origin: 'recipe' }), memoryFails: true };
    const decision = decideLearning(
      input({ images: [BASE, parent, learned('warm', ['a'], { origin: 'rewarmed', parent: 'parent' })] }),
    );
    expect(decision.evict).toEqual([]);
  });
});

describe('whatever was ordered', () => {
  const TRIALS = 300;

  function decided(seed: number): { readonly given: LearningInput; readonly decision: LearningDecision } {
    const given = randomInput(seed, { repeats: seed % 3 === 0 });
    return { given, decision: decideLearning(given) };
  }

  it('the budget holds what stays and comes; what is protected or made by others is left alone', () => {
    for (let seed = 0; seed < TRIALS; seed++) {
      const { given, decision } = decided(seed);
      const evicted = new Set(decision.evict.map((one) => one.image));
      const kept = given.images.filter((known) => !evicted.has(known.image.name));
      expect(decision.keep.map((one) => one.image).sort(), `seed ${seed}`).toEqual(
        kept.map((known) => known.image.name).sort(),
      );
      for (const known of given.images) {
        if (!evicted.has(known.image.name)) continue;
        expect(known.protectedBy).toEqual([]);
        expect(isBudgeted(known)).toBe(true);
      }
      const budgeted = carriedOut(given, decision).filter(isBudgeted);
      // Held images alone may be over it, when it was made smaller; nothing is added then.
      const held = budgeted.filter(({ protectedBy }) => protectedBy.length > 0);
      const sum = (list: typeof budgeted): number => list.reduce((bytes, known) => bytes + known.bytes, 0);
      expect(sum(budgeted), `seed ${seed}`).toBeLessThanOrEqual(Math.max(given.budget.bytes, sum(held)));
      expect(budgeted.length, `seed ${seed}`).toBeLessThanOrEqual(Math.max(given.budget.images, held.length));
    }
  });

  it('the planner can use what is baked for the order that it is a part of', () => {
    for (let seed = 0; seed < TRIALS; seed++) {
      const { given, decision } = decided(seed);
      const made = carriedOut(given, decision).slice(given.images.length - decision.evict.length);
      expect(made).toHaveLength(decision.bake.length);
      decision.bake.forEach((proposal, index) => {
        const [one] = made.slice(index);
        const choice = choose(createIndex(one === undefined ? [] : [one.image]), {
          order: orderOf(proposal.shape),
          now: given.now,
          lines: given.lines,
        });
        expect(choice?.performed.length, `seed ${seed}`).toBe(proposal.perform.length);
        expect(proposal.savedSecondsPerDay).toBeGreaterThan(0);
      });
    }
  });

  it('nothing is baked that one order alone asked for', () => {
    let single = 0;
    for (let seed = 0; seed < TRIALS; seed++) {
      const { given, decision } = decided(seed);
      if (given.history.some(({ times }) => times.length === 1)) single += 1;
      for (const { shape: of, perform } of decision.bake) {
        const keys = perform.map((place) => of.actions[place]?.key ?? '');
        expect(isAskedTwice(given.history, of.profile, keys), `seed ${seed}`).toBe(true);
      }
    }
    expect(single).toBeGreaterThan(TRIALS / 10);
  });

  it('nothing is left to do when it was done', () => {
    for (let seed = 0; seed < TRIALS; seed++) {
      const { given, decision } = decided(seed);
      const again = decideLearning({ ...given, images: carriedOut(given, decision) });
      expect([again.bake, again.evict], `seed ${seed}`).toEqual([[], []]);
    }
  });

  it('the order of history and images does not matter', () => {
    for (let seed = 0; seed < TRIALS / 4; seed++) {
      const { given, decision } = decided(seed);
      const dice = new Dice(seed);
      const shuffled: LearningInput = {
        ...given,
        history: dice.shuffle(given.history),
        images: dice.shuffle(given.images),
        seconds: new Map(dice.shuffle([...given.seconds])),
      };
      expect(decideLearning(shuffled), `seed ${seed}`).toEqual(decision);
    }
  });

  it('saves at least two thirds of what is possible, and 98 % on average', () => {
    const parts: number[] = [];
    for (let seed = 0; seed < TRIALS; seed++) {
      const { given, decision } = decided(seed);
      const best = bestValue(given);
      if (best === 0) continue;
      const part =
        worthOf(
          given,
          carriedOut(given, decision).map((known) => known.image),
        ) / best;
      expect(part, `seed ${seed}`).toBeGreaterThan(2 / 3);
      parts.push(part);
    }
    expect(parts.reduce((sum, part) => sum + part, 0) / parts.length).toBeGreaterThan(0.98);
  });
});
