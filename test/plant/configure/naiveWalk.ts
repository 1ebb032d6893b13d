import type { Action } from '../../../model/action.js';
import type { Dag } from '../../../model/dag.js';

/** Status of the N-th try (from 1) of the action at the path. */
export type Fate = (path: readonly string[], attempt: number) => number;

export interface NaiveResult {
  /** Every try, in order: `path#attempt`. */
  readonly ran: readonly string[];
  readonly outcomes: ReadonlyMap<string, string>;
  readonly aborted: boolean;
}

/**
 * What `model/action.ts` says of error nodes, written down as plainly as can be: one action after the other, in the
 * order given, by recursion. The oracle of the walk.
 */
export function naiveWalk(
  dag: Dag,
  order: readonly string[],
  fate: Fate,
  above: readonly string[] = [],
): NaiveResult {
  const ran: string[] = [];
  const outcomes = new Map<string, string>();
  for (const name of order) {
    if (outcomes.get(name) === 'skipped') continue;
    const action = find(dag, name);
    const path = [...above, name];
    let attempt = 0;
    let status = 1;
    while (status !== 0 && attempt <= action.onError.retries) {
      attempt += 1;
      status = fate(path, attempt);
      ran.push(`${path.join('/')}#${attempt}`);
    }
    if (status === 0) {
      outcomes.set(name, 'performed');
      continue;
    }
    const { handler, then } = action.onError;
    if (handler !== undefined) {
      const inner = naiveWalk(handler, namesInOrder(handler), fate, path);
      ran.push(...inner.ran);
      if (inner.aborted) return { ran, outcomes: outcomes.set(name, 'failed'), aborted: true };
    }
    if (then.kind === 'abort') return { ran, outcomes: outcomes.set(name, 'failed'), aborted: true };
    outcomes.set(name, 'handled');
    if (then.kind === 'go-on-at') {
      for (const { name: other } of dag.actions) {
        const successor = comesAfter(dag, other, name);
        const kept = other === then.action || comesAfter(dag, other, then.action);
        if (successor && !kept) outcomes.set(other, 'skipped');
      }
    }
  }
  return { ran, outcomes, aborted: false };
}

/** By writing, each as soon as its predecessors are placed, pass after pass. */
export function namesInOrder(dag: Dag): readonly string[] {
  const placed: string[] = [];
  while (placed.length < dag.actions.length) {
    for (const { name } of dag.actions) {
      const ready = (dag.predecessors.get(name) ?? []).every((before) => placed.includes(before));
      if (!placed.includes(name) && ready) placed.push(name);
    }
  }
  return placed;
}

export function comesAfter(dag: Dag, later: string, earlier: string): boolean {
  return (dag.predecessors.get(later) ?? []).some(
    (before) => before === earlier || comesAfter(dag, before, earlier),
  );
}

function find(dag: Dag, name: string): Action {
  const action = dag.actions.find((one) => one.name === name);
  if (action === undefined) throw new Error(name);
  return action;
}
