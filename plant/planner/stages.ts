import type { Stage } from '../../model/plan.js';
import { type BitSet, has } from './bitSet.js';
import { type CompiledOrder, plannedAction } from './compiledOrder.js';

/**
 * The residual actions in an order that the DAG allows, with as few guest stages (each one ISO) as can be.
 *
 * Host and guest actions take turns, and each turn does all that it can; the host begins. A guest action can run in
 * guest stage s at the earliest when s-1 guest stages lie before some host action that it waits for, and in this
 * order every action is as early as that: a turn that ends leaves nothing of its kind that could have run. Beginning
 * with the guest is never better: the first guest stage could then hold nothing that it cannot hold after the host's
 * turn.
 *
 * Within a turn: what may be cached (neither an identity action nor after one) before the rest, so that an image of a
 * prefix can be learnt from it; then the order of writing.
 *
 * @param executed actions that the image brings; holds the predecessors of all its members, and every opaque action
 */
export function planStages(order: CompiledOrder, executed: BitSet): readonly Stage[] {
  const waiting = order.predecessors.map((list) => list.filter((node) => !has(executed, node)).length);
  const successors: number[][] = order.actions.map(() => []);
  order.predecessors.forEach((list, node) => {
    for (const predecessor of list) if (!has(executed, predecessor)) successors[predecessor]?.push(node);
  });
  const ready = { host: new Turn(), guest: new Turn() };
  const makeReady = (node: number): void => {
    const action = order.actions[node];
    if (action === undefined) return;
    if (action.kind === 'opaque')
      throw new Error(`expected an image that brings opaque action ${action.name}`);
    const cacheable = !action.identity && (order.identityAncestor[node] ?? -1) < 0;
    ready[action.kind].add(node, cacheable);
  };
  order.actions.forEach((_, node) => {
    if (!has(executed, node) && waiting[node] === 0) makeReady(node);
  });
  const run = (kind: 'host' | 'guest'): readonly number[] => {
    const done: number[] = [];
    for (let node = ready[kind].take(); node !== undefined; node = ready[kind].take()) {
      done.push(node);
      for (const successor of successors[node] ?? []) {
        const left = (waiting[successor] ?? 0) - 1;
        waiting[successor] = left;
        if (left === 0) makeReady(successor);
      }
    }
    return done;
  };
  const stages: Stage[] = [];
  for (;;) {
    const host = run('host');
    for (const action of host.flatMap((node) => plannedAction(order, node)))
      stages.push({ kind: 'host', action });
    const guest = run('guest');
    if (guest.length > 0) {
      stages.push({ kind: 'guest', actions: guest.flatMap((node) => plannedAction(order, node)) });
    }
    if (host.length === 0 && guest.length === 0) return stages;
  }
}

/** The actions of one kind that could run now: the cacheable ones first, then by position. */
class Turn {
  readonly #cacheable: number[] = [];
  readonly #rest: number[] = [];

  add(node: number, cacheable: boolean): void {
    const list = cacheable ? this.#cacheable : this.#rest;
    // Descending, so that the first written is at the end, where taking is cheap.
    let place = list.length;
    while (place > 0 && (list[place - 1] ?? 0) < node) place--;
    list.splice(place, 0, node);
  }

  take(): number | undefined {
    return this.#cacheable.pop() ?? this.#rest.pop();
  }
}
