import { describe, expect, it } from 'vitest';
import { has, withMember } from '../../../plant/planner/bitSet.js';
import { type CompiledOrder, compileOrder } from '../../../plant/planner/compiledOrder.js';
import { startReplay } from '../../../plant/planner/replay.js';
import { planStages } from '../../../plant/planner/stages.js';
import { type ActionSketch, order } from './build.js';
import { Dice, randomActions } from './random.js';

const addDisk = { kind: 'add-disk', sizeMiB: 64 } as const;

function stagesOf(actions: readonly ActionSketch[], performed: readonly string[] = []): readonly string[] {
  const compiled = compileOrder(order({ actions }));
  let executed = startReplay(compiled).states[0]?.executed ?? [];
  for (const name of performed)
    executed = withMember(
      executed,
      actions.findIndex((action) => action.name === name),
    );
  return planStages(compiled, executed).map((stage) =>
    stage.kind === 'host'
      ? `host ${stage.action.name}`
      : `guest ${stage.actions.map(({ name }) => name).join(' ')}`,
  );
}

describe('planStages', () => {
  it('puts everything on one ISO where no host action stands between', () => {
    expect(stagesOf([{ name: 'a' }, { name: 'b', after: ['a'] }, { name: 'c' }])).toEqual(['guest a b c']);
  });

  it('plans nothing where nothing is left', () => {
    expect(stagesOf([])).toEqual([]);
    expect(stagesOf([{ name: 'a' }], ['a'])).toEqual([]);
  });

  it('needs two ISOs only for what waits for a host action that waits for the guest', () => {
    const actions: readonly ActionSketch[] = [
      { name: 'a' },
      { name: 'disk', after: ['a'], host: addDisk },
      { name: 'format', after: ['disk'] },
      { name: 'b' },
    ];
    expect(stagesOf(actions)).toEqual(['guest a b', 'host disk', 'guest format']);
    expect(stagesOf(actions, ['a'])).toEqual(['host disk', 'guest format b']);
  });

  it('puts what may be cached before what belongs to one VM, else follows the order of writing', () => {
    expect(
      stagesOf([
        { name: 'host-name', identity: true },
        { name: 'after-it', after: ['host-name'] },
        { name: 'z' },
        { name: 'y', after: ['z'] },
        { name: 'x' },
      ]),
    ).toEqual(['guest z y x host-name after-it']);
  });

  it('gives an order that the DAG allows with the fewest guest stages there are', () => {
    let several = 0;
    for (let seed = 1; seed <= 3_000; seed++) {
      const dice = new Dice(seed);
      const compiled = compileOrder(order({ actions: randomActions(dice, 8, { hosts: 0.4 }) }));
      let executed = startReplay(compiled).states[0]?.executed ?? [];
      for (let step = dice.between(0, 2); step > 0; step--) {
        const ready = compiled.topological.filter((node) => isReady(compiled, executed, node));
        if (ready.length > 0) executed = withMember(executed, dice.pick(ready));
      }
      const stages = planStages(compiled, executed);

      let done = executed;
      for (const stage of stages) {
        const names = (stage.kind === 'guest' ? stage.actions : [stage.action]).map(({ name }) => name);
        const nodes = names.map((name) => compiled.actions.findIndex((action) => action.name === name));
        for (const node of nodes) {
          expect(isReady(compiled, done, node), `seed ${seed}`).toBe(true);
          expect(compiled.actions[node]?.kind, `seed ${seed}`).toBe(stage.kind);
          done = withMember(done, node);
        }
        // Once something that cannot be cached has run, nothing follows in the stage that can.
        const cacheable = nodes.map(
          (node) => compiled.actions[node]?.identity === false && (compiled.identityAncestor[node] ?? -1) < 0,
        );
        expect(cacheable.lastIndexOf(true), `seed ${seed}`).toBeLessThan(
          cacheable.includes(false) ? cacheable.indexOf(false) : cacheable.length,
        );
      }
      expect(
        compiled.topological.every((node) => has(done, node)),
        `seed ${seed}`,
      ).toBe(true);
      const guests = stages.filter((stage) => stage.kind === 'guest').length;
      expect(guests, `seed ${seed}`).toBe(fewestGuestStages(compiled, executed));
      if (guests > 1) several++;
    }
    expect(several).toBeGreaterThan(100);
  });
});

function isReady(compiled: CompiledOrder, executed: readonly number[], node: number): boolean {
  return !has(executed, node) && (compiled.predecessors[node] ?? []).every((before) => has(executed, before));
}

/** Over all orders that the DAG allows. */
function fewestGuestStages(compiled: CompiledOrder, start: readonly number[]): number {
  const known = new Map<string, number>();
  const visit = (executed: readonly number[], inGuest: boolean): number => {
    const identifier = `${executed.join()} ${inGuest}`;
    const before = known.get(identifier);
    if (before !== undefined) return before;
    const ready = compiled.topological.filter((node) => isReady(compiled, executed, node));
    const counts = ready.map((node) => {
      const guest = compiled.actions[node]?.kind === 'guest';
      return (guest && !inGuest ? 1 : 0) + visit(withMember(executed, node), guest);
    });
    const fewest = ready.length === 0 ? 0 : Math.min(...counts);
    known.set(identifier, fewest);
    return fewest;
  };
  return visit(start, false);
}
