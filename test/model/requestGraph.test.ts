import { describe, expect, it } from 'vitest';
import { createOrder } from '../../model/createOrder.js';
import { requestWith, violationsOf } from './violationsOf.js';

const node = (name: string, after: readonly string[] = [], rest: Readonly<Record<string, unknown>> = {}) => ({
  name,
  script: name,
  after,
  ...rest,
});
const goOnAt = (target: string) => ({ onError: { then: { goOnAt: target } } });

describe('the graph of a request', () => {
  it('names a cycle in full', () => {
    const found = violationsOf(
      requestWith([node('a', ['c']), node('b', ['a']), node('c', ['b']), node('d', ['a'])]),
    );
    expect(found).toEqual({ 'actions[0].after': 'the actions form a cycle: a -> b -> c -> a' });
    expect(violationsOf(requestWith([node('a', ['a'])]))).toEqual({
      'actions[0].after': 'the actions form a cycle: a -> a',
    });
  });

  it('says which predecessor is unknown and what was probably meant', () => {
    const found = violationsOf(
      requestWith([node('install-vnc'), node('b', ['instal-vnc', 'other', 'start'])]),
    );
    expect(found).toEqual({
      'actions[1].after[0]': 'no action is called "instal-vnc"; did you mean "install-vnc"?',
      'actions[1].after[1]': 'no action is called "other"',
      'actions[1].after[2]': '"start" is implicit; leave it out',
    });
  });

  it('refuses a name that is taken, also by a handler', () => {
    const handler = { onError: { handler: { actions: [node('a')] } } };
    expect(violationsOf(requestWith([node('a'), node('a')]))).toEqual({
      'actions[1].name': 'another action of this request is called "a"; names are unique',
    });
    expect(Object.keys(violationsOf(requestWith([node('a', [], handler)])))).toEqual([
      'actions[0].onError.handler.actions[0].name',
    ]);
  });

  it('keeps the graphs of handlers apart', () => {
    const handler = { onError: { handler: { actions: [node('h', ['a'])] } } };
    expect(violationsOf(requestWith([node('a'), node('b', ['h'], handler)]))).toEqual({
      'actions[1].after[0]': expect.stringMatching(/another graph/),
      'actions[1].onError.handler.actions[0].after[0]': expect.stringMatching(/another graph/),
    });
    const cyclic = { onError: { handler: { actions: [node('h', ['i']), node('i', ['h'])] } } };
    expect(violationsOf(requestWith([node('a', [], cyclic)]))).toEqual({
      'actions[0].onError.handler.actions[0].after': 'the actions form a cycle: h -> i -> h',
    });
  });

  it('nests handlers three deep and not four', () => {
    const nested = (depth: number): Readonly<Record<string, unknown>> =>
      depth === 0 ? {} : { onError: { handler: { actions: [node(`h${depth}`, [], nested(depth - 1))] } } };
    expect(createOrder(requestWith([node('a', [], nested(3))])).dag.actions).toHaveLength(1);
    expect(Object.values(violationsOf(requestWith([node('a', [], nested(4))])))).toEqual([
      expect.stringMatching(/at most 3 deep/),
    ]);
  });

  it('goes on at an action that follows, directly or not, or at the end', () => {
    const chain = (target: string) =>
      requestWith([node('a', [], goOnAt(target)), node('b', ['a']), node('c', ['b']), node('d')]);
    for (const target of ['b', 'c', 'end']) {
      expect(createOrder(chain(target)).dag.actions[0]?.onError.then).toEqual({
        kind: 'go-on-at',
        action: target,
      });
    }
    expect(violationsOf(chain('d'))['actions[0].onError.then.goOnAt']).toMatch(/"d" does not follow it/);
    expect(violationsOf(chain('a'))['actions[0].onError.then.goOnAt']).toMatch(/"a" does not follow it/);
    expect(violationsOf(chain('x'))['actions[0].onError.then.goOnAt']).toMatch(/no action is called "x"/);
  });

  it('answers about descendants as a walk over the graph does', () => {
    // 70 actions, so that the bits of a row cross a word; edges by a fixed rule.
    const names = [...Array(70).keys()].map((n) => `n${n}`);
    const after = names.map((_, index) =>
      names.filter((_, earlier) => earlier < index && (index * 7 + earlier * 13) % 11 === 0),
    );
    const follows = (later: number, earlier: number): boolean =>
      (after[later] ?? []).some((name) => name === names[earlier] || follows(names.indexOf(name), earlier));
    for (const [failing, name] of names.entries()) {
      for (const [target, other] of names.entries()) {
        if ((failing + target) % 5 !== 0) continue;
        const actions = names.map((each, index) =>
          node(each, after[index], index === failing ? goOnAt(other) : {}),
        );
        const accepted = follows(target, failing);
        if (accepted) expect(createOrder(requestWith(actions)).dag.actions[failing]?.name).toBe(name);
        else
          expect(Object.keys(violationsOf(requestWith(actions)))).toEqual([
            `actions[${failing}].onError.then.goOnAt`,
          ]);
      }
    }
  });

  it('tells added disks apart by the first 20 characters of their names', () => {
    const disk = (name: string) => ({ name, host: { addDisk: { size: '1GiB' } } });
    const found = violationsOf(
      requestWith([disk('a-very-long-name-of-a-disk-1'), disk('a-very-long-name-of-a-disk-2')]),
    );
    expect(found).toEqual({ 'actions[1].name': expect.stringMatching(/same 20 characters/) });
  });
});
