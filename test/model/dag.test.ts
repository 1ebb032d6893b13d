import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkEdges } from '../../model/dag.js';
import { indexGraph } from '../../model/indexedGraph.js';

/** Edges between the first few of these names, some of which every JavaScript object has. */
const NAMES = ['constructor', 'toString', 'a', 'b', 'c', 'hasOwnProperty', 'd', '1', '0', 'valueOf'] as const;
const graphs = fc
  .record({
    count: fc.integer({ min: 0, max: NAMES.length }),
    edges: fc.array(fc.tuple(fc.nat(NAMES.length - 1), fc.nat(NAMES.length - 1)), { maxLength: 14 }),
  })
  .map(({ count, edges }) => {
    const names: readonly string[] = NAMES.slice(0, count);
    const inside = edges.filter(([from, to]) => from < count && to < count);
    const after = new Map(
      names.map((name, to) => [
        name,
        inside.flatMap(([from, other]) => (other === to ? [NAMES[from] ?? ''] : [])),
      ]),
    );
    return { names, after };
  });

describe('the edges of a graph', () => {
  it('are those of a DAG exactly when every action has its place behind its predecessors', () => {
    fc.assert(
      fc.property(graphs, ({ names, after }) => {
        const problem = checkEdges(names, after);
        const { order } = indexGraph(names, after);
        if (problem === undefined) {
          const place = new Map((order ?? []).map((index, at) => [names[index], at]));
          expect(place.size).toBe(names.length);
          for (const [name, predecessors] of after)
            for (const predecessor of predecessors)
              expect(place.get(predecessor)).toBeLessThan(place.get(name) ?? -1);
        } else {
          expect(order).toBeUndefined();
          const cycle = problem.kind === 'cycle' ? problem.cycle : [];
          expect(cycle.length).toBeGreaterThan(1);
          expect(cycle.at(-1)).toBe(cycle[0]);
          expect(new Set(cycle).size).toBe(cycle.length - 1);
          for (const [at, name] of cycle.slice(1).entries()) expect(after.get(name)).toContain(cycle[at]);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('name actions that exist, each once', () => {
    expect(checkEdges(['a', 'b', 'a'], new Map())).toEqual({ kind: 'duplicate-name', action: 'a' });
    expect(checkEdges(['a', 'b'], new Map([['b', ['constructor']]]))).toEqual({
      kind: 'unknown-predecessor',
      action: 'b',
      predecessor: 'constructor',
    });
  });

  it('form a cycle of the largest size', () => {
    const names = [...Array(1000).keys()].map((n) => `n${n}`);
    const after = new Map(names.map((name, index) => [name, [`n${(index + 999) % 1000}`]]));
    const problem = checkEdges(names, after);
    expect(problem?.kind === 'cycle' && problem.cycle).toHaveLength(1001);
  });
});
