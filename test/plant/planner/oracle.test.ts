import { describe, expect, it } from 'vitest';
import { createIndex, EMPTY_INDEX, updateIndex } from '../../../plant/planner/imageIndex.js';
import { plan, planIndexed } from '../../../plant/planner/plan.js';
import { deepFreeze } from './build.js';
import { judge, winner } from './oracle.js';
import { Dice, randomTrial } from './random.js';

const TRIALS = 24_000;

describe('the planner against a brute force of the three tests', () => {
  it(`agrees on ${TRIALS} random orders and warehouses`, { timeout: 60_000 }, () => {
    const seen = new Map<string, number>();
    for (let seed = 1; seed <= TRIALS; seed++) {
      const trial = randomTrial(seed);
      const verdicts = trial.images.map((image) => judge(trial, image));
      const expectedWinner = winner(trial.images, verdicts);
      const result = plan(trial);
      const context = `seed ${seed}`;

      const found = result.kind === 'plan' ? result.plan.image : undefined;
      if (found !== expectedWinner) expect(found, context).toBe(expectedWinner);
      const rejected = result.kind === 'plan' ? result.plan.rejected : result.rejected;
      const expected = trial.images
        .flatMap((image, index) => {
          const verdict = verdicts[index];
          if (verdict?.kind === 'hidden') count(seen, 'hidden');
          if (verdict === undefined || verdict.kind === 'hidden' || image.name === expectedWinner) return [];
          return verdict.kind === 'accepted'
            ? [`${image.name} saves-less -`]
            : [`${image.name} ${verdict.test} ${verdict.action ?? '-'}`];
        })
        .sort();
      const actual = rejected.map(({ image, test, action }) => `${image} ${test} ${action ?? '-'}`);
      if (actual.join() !== expected.join()) expect(actual, context).toEqual(expected);
      for (const line of expected) count(seen, line.split(' ')[1] ?? '');

      if (result.kind === 'plan') {
        const verdict = verdicts[trial.images.findIndex((image) => image.name === expectedWinner)];
        const expectedRung = verdict?.kind === 'accepted' ? verdict.rung : undefined;
        if (result.plan.rung !== expectedRung) expect(result.plan.rung, context).toBe(expectedRung);
        expect(result.plan.rungReason === undefined, context).toBe(result.plan.rung === 'warm');
        count(seen, result.plan.rung);
        const expectedLine = verdict?.kind === 'accepted' ? verdict.line : undefined;
        if (result.plan.line !== expectedLine) expect(result.plan.line, context).toBe(expectedLine);
        const expectedPrepared = verdict?.kind === 'accepted' && verdict.prepared;
        if (result.plan.prepared !== expectedPrepared)
          expect(result.plan.prepared, context).toBe(expectedPrepared);
        if (expectedPrepared) {
          count(seen, 'prepared');
          if (result.plan.rung === 'disk') count(seen, 'prepared by booting');
          const { ready: _, ...nothingReady } = trial;
          const without = plan(nothingReady);
          if (without.kind === 'plan' && without.plan.image !== expectedWinner)
            count(seen, 'chosen because a machine waits');
          if (without.kind === 'plan' && without.plan.rung !== result.plan.rung)
            count(seen, 'booted over warm');
        }
        const image = trial.images.find(({ name }) => name === expectedWinner);
        // What it is said to bring is what was recorded, and is a replay of the DAG.
        const keys = result.plan.performed.map(({ key }) => key).join();
        if (keys !== image?.performed.map(({ key }) => key).join())
          expect(keys, context).toBe(image?.performed);
        const done = new Set<string>();
        for (const action of [
          ...result.plan.performed,
          ...result.plan.stages.flatMap((stage) => (stage.kind === 'guest' ? stage.actions : [stage.action])),
        ]) {
          const before = trial.order.dag.predecessors.get(action.name) ?? ['unknown'];
          if (!before.every((name) => done.has(name)) || done.has(action.name)) {
            expect.fail(`${context}: ${action.name} cannot run here`);
          }
          done.add(action.name);
        }
        expect(done.size, context).toBe(trial.order.dag.actions.length);
        const brought = new Set(result.plan.performed.map(({ name }) => name));
        for (const action of trial.order.dag.actions) {
          if (action.kind !== 'opaque') continue;
          count(seen, 'plan with an opaque action');
          if (!brought.has(action.name)) expect.fail(`${context}: ${action.name} cannot be performed`);
        }
      }
    }
    // The trials meet every outcome often enough to mean something.
    for (const outcome of [
      'hardware',
      'operating-system',
      'line',
      'network',
      'subset',
      'prefix',
      'partial-order',
      'opaque',
      'max-age',
      'devices',
      'saves-less',
      'warm',
      'disk',
      'hidden',
      'prepared',
      'prepared by booting',
      'booted over warm',
      'chosen because a machine waits',
      'plan with an opaque action',
    ]) {
      expect(seen.get(outcome) ?? 0, outcome).toBeGreaterThan(outcome === 'network' ? 10 : 100);
    }
  });

  it('gives the same plan for images in any order, from an index built at once or step by step', () => {
    for (let seed = 1; seed <= 1_500; seed++) {
      const trial = randomTrial(seed);
      const dice = new Dice(seed + 1_000_000);
      const first = plan(trial);
      expect(plan({ ...trial, images: dice.shuffle(trial.images) }), `seed ${seed}`).toEqual(first);

      // Other images come and go in between; what stays is the same warehouse.
      const others = randomTrial(seed + 500_000).images.map((image) => ({
        ...image,
        name: `other-${image.name}`,
      }));
      let index = EMPTY_INDEX;
      for (const image of dice.shuffle([...trial.images, ...others])) {
        index = updateIndex(index, { added: [image], removed: dice.chance(0.2) ? [image.name] : [] });
      }
      const before = index;
      const said = planIndexed(before, trial);
      index = updateIndex(index, { added: [], removed: dice.shuffle(others.map(({ name }) => name)) });
      expect(planIndexed(index, trial), `seed ${seed}`).toEqual(first);
      expect(index.root, `seed ${seed}`).toEqual(createIndex(trial.images).root);
      // An older index is still what it was.
      expect(planIndexed(before, trial), `seed ${seed}`).toEqual(said);
    }
  });

  it('changes nothing that it is given', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const trial = deepFreeze(randomTrial(seed));
      expect(plan(trial)).toEqual(plan(randomTrial(seed)));
    }
  });
});

function count(seen: Map<string, number>, outcome: string): void {
  seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
}
