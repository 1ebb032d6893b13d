import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Dag } from '../../../model/dag.js';
import { stagesInOrder } from '../../../plant/configure/stagesInOrder.js';
import { afterWork, beginWalk, nextWork, type WalkEnd } from '../../../plant/configure/walk.js';
import { fakeOrder } from '../produce/rig.js';
import { comesAfter, type Fate, naiveWalk, namesInOrder } from './naiveWalk.js';

/** Carries a walk out as the daemon does: a stage in order, up to the first that fails. */
function follow(dag: Dag, fate: Fate): { readonly ran: readonly string[]; readonly end: WalkEnd } {
  const ran: string[] = [];
  let state = beginWalk(dag, stagesInOrder(dag));
  for (let step = 0; step < 10_000; step += 1) {
    const work = nextWork(state);
    if (work.kind === 'end') return { ran, end: work.end };
    const statuses: number[] = [];
    for (const { path, attempt } of work.kind === 'guest' ? work.actions : [work.item]) {
      ran.push(`${path.join('/')}#${attempt}`);
      statuses.push(fate(path, attempt));
      if (statuses.at(-1) !== 0) break;
    }
    state = afterWork(state, statuses);
  }
  throw new Error('the walk does not end');
}

const failing =
  (...names: readonly string[]): Fate =>
  (path, attempt) =>
    names.includes(path.join('/')) || names.includes(`${path.join('/')}#${attempt}`) ? 3 : 0;

const step = (name: string, after: readonly string[] = [], onError: object | undefined = undefined) => ({
  name,
  script: `echo ${name}\n`,
  after,
  ...(onError === undefined ? {} : { onError }),
});

const dagOf = (actions: readonly object[]): Dag => fakeOrder(actions).dag;

describe('an action that fails', () => {
  test('aborts by default, and what follows does not run', () => {
    const { ran, end } = follow(dagOf([step('a'), step('b', ['a'])]), failing('a'));
    expect(ran).toEqual(['a#1']);
    expect(end).toMatchObject({ kind: 'aborted', action: 'a', status: 3, handlerPath: [] });
  });

  test('is tried again, and the rest of its ISO after it', () => {
    const dag = dagOf([step('a'), step('b', ['a'], { retries: 2 }), step('c', ['b'])]);
    const { ran, end } = follow(dag, failing('b#1', 'b#2'));
    expect(ran).toEqual(['a#1', 'b#1', 'b#2', 'b#3', 'c#1']);
    expect([...end.outcomes]).toEqual([
      ['a', 'performed'],
      ['b', 'performed'],
      ['c', 'performed'],
    ]);
  });

  test('continues as if it had ended well', () => {
    const dag = dagOf([step('a', [], { then: 'continue' }), step('b', ['a'])]);
    const { end } = follow(dag, failing('a'));
    expect(end.kind).toBe('completed');
    expect(Object.fromEntries(end.outcomes)).toEqual({ a: 'handled', b: 'performed' });
  });

  test('goes on at the end: nothing that follows it runs, what does not follow it does', () => {
    const dag = dagOf([step('a', [], { then: { goOnAt: 'end' } }), step('b', ['a']), step('c')]);
    const { end } = follow(dag, failing('a'));
    expect(Object.fromEntries(end.outcomes)).toEqual({ a: 'handled', b: 'skipped', c: 'performed' });
  });

  test('in a handler aborts, and the order names its own action with its own status', () => {
    const handler = { actions: [step('x'), step('y', ['x'])] };
    const { ran, end } = follow(dagOf([step('a', [], { handler, then: 'continue' })]), (path) =>
      path.length === 1 ? 3 : path.at(-1) === 'y' ? 9 : 0,
    );
    expect(ran).toEqual(['a#1', 'a/x#1', 'a/y#1']);
    expect(end).toMatchObject({ kind: 'aborted', action: 'a', status: 3, handlerPath: ['y'] });
  });
});

/** Actions whose names begin with the prefix: names are unique in a request, its handlers included. */
type NamedActions = (prefix: string) => readonly object[];

/** DAGs with retries, handlers two deep, every kind of what follows, and host actions among the guest's. */
function arbitraryActions(depth: number): fc.Arbitrary<NamedActions> {
  const node = fc.record({
    edges: fc.integer({ min: 0, max: 31 }),
    host: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
    retries: fc.integer({ min: 0, max: 2 }),
    then: fc.integer({ min: 0, max: 3 }),
    target: fc.nat(),
    handler:
      depth === 0 ? fc.constant(undefined) : fc.option(arbitraryActions(depth - 1), { nil: undefined }),
  });
  return fc.array(node, { minLength: 1, maxLength: 5 }).map((nodes) => (prefix) => {
    const name = (at: number): string => `${prefix}n${at}`;
    const before = nodes.map((one, at) => [...nodes.keys()].filter((n) => n < at && (one.edges >> n) & 1));
    const follows = (later: number, earlier: number): boolean =>
      (before[later] ?? []).some((n) => n === earlier || follows(n, earlier));
    return nodes.map((one, at) => {
      const targets = [...nodes.keys()].filter((later) => follows(later, at)).map(name);
      const goOnAt = [...targets, 'end'][one.target % (targets.length + 1)];
      const then = [undefined, 'abort', 'continue', { goOnAt }][one.then];
      const onError = {
        retries: one.retries,
        ...(one.handler === undefined ? {} : { handler: { actions: one.handler(`${name(at)}.`) } }),
        ...(then === undefined ? {} : { then }),
      };
      const work = one.host ? { host: { addDisk: { size: '16MiB' } } } : { script: `echo ${at}\n` };
      return { name: name(at), after: (before[at] ?? []).map(name), ...work, onError };
    });
  });
}

test('the walk does what the naive simulator does', () => {
  fc.assert(
    fc.property(
      arbitraryActions(2),
      fc.array(fc.boolean(), { minLength: 7, maxLength: 31 }),
      (actions, fates) => {
        const dag = dagOf(actions(''));
        // The same try has the same fate in both, whenever it comes.
        const fate: Fate = (path, attempt) => {
          const text = `${path.join('/')}#${attempt}`;
          let hash = 7;
          for (const letter of text) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 65_521;
          return fates[hash % fates.length] ? 0 : 1 + (hash % 200);
        };
        const { ran, end } = follow(dag, fate);
        const expected = naiveWalk(dag, namesInOrder(dag), fate);
        expect(ran).toEqual(expected.ran);
        expect(end.kind).toBe(expected.aborted ? 'aborted' : 'completed');
        expect(Object.fromEntries(end.outcomes)).toEqual(Object.fromEntries(expected.outcomes));
      },
    ),
    { numRuns: 1_500 },
  );
});

test('nothing runs before what precedes it has ended or is left out', () => {
  fc.assert(
    fc.property(arbitraryActions(0), fc.nat(), (actions, seed) => {
      const dag = dagOf(actions(''));
      const { ran } = follow(dag, (path, attempt) => (seed >> ((path.join().length + attempt) % 20)) & 1);
      const firstTry = new Map(ran.map((text, at) => [text.split('#')[0] ?? '', at] as const).reverse());
      for (const [later, laterAt] of firstTry) {
        for (const [earlier, earlierAt] of firstTry) {
          if (comesAfter(dag, later, earlier)) expect(earlierAt).toBeLessThan(laterAt);
        }
      }
    }),
    { numRuns: 1_000 },
  );
});
