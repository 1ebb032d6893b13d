import type { Action } from '../../model/action.js';
import { diskSerial } from '../../model/diskSerial.js';
import type { Order } from '../../model/order.js';
import type { PlannedAction } from '../../model/plan.js';
import { type BitSet, emptySet, isSubset, union, withMember } from './bitSet.js';

/**
 * An order prepared for matching: its actions by position (order of writing), with everything that the tests ask
 * for again and again. Made once per plan in O(actions + edges), plus, only where keys repeat, O(actions x edges/30)
 * for the descendants.
 */
export interface CompiledOrder {
  readonly order: Order;
  /** In the order of writing; every position below is an index into this. */
  readonly actions: readonly Action[];
  /** Direct predecessors of every action. */
  readonly predecessors: readonly (readonly number[])[];
  /** Positions in an order that the DAG allows; where it leaves a choice, the order of writing. */
  readonly topological: readonly number[];
  /**
   * Actions that an image may have performed, by key: all but the identity actions. More than one where the client
   * wrote actions that do the same thing more than once.
   */
  readonly candidates: ReadonlyMap<string, readonly number[]>;
  /** Whether every key stands for one action, so that a record can be read in one way only. */
  readonly unambiguous: boolean;
  /** Identity actions by key: these an image may never have performed. */
  readonly identityByKey: ReadonlyMap<string, number>;
  /** First identity action (in the order of writing) among the ancestors of every action; -1 where there is none. */
  readonly identityAncestor: readonly number[];
  /**
   * For every action, the others of the same key that a replay prefers to it when both could be next; see
   * `preferred`. Empty where its key is its own.
   */
  readonly preferred: readonly (readonly number[])[];
  /** Of every action: whether a match depends on more than its key, on the age of what was performed or a device. */
  readonly constrained: readonly boolean[];
  readonly hasConstraints: boolean;
  /** Actions that an image has to bring, because nobody can perform them. No other action has the key of one. */
  readonly opaque: readonly number[];
  /** Whether some host action adds a device that an image may have. */
  readonly addsDevices: boolean;
}

/** Prepares a validated order. */
export function compileOrder(order: Order): CompiledOrder {
  const actions = order.dag.actions;
  const position = new Map(actions.map((action, index) => [action.name, index]));
  const predecessors = actions.map((action) =>
    (order.dag.predecessors.get(action.name) ?? []).flatMap((name) => {
      const found = position.get(name);
      return found === undefined ? [] : [found];
    }),
  );
  const topological = sortTopologically(predecessors);
  const candidates = new Map<string, number[]>();
  const identityByKey = new Map<string, number>();
  actions.forEach((action, index) => {
    if (action.identity) {
      if (!identityByKey.has(action.key)) identityByKey.set(action.key, index);
      return;
    }
    const same = candidates.get(action.key);
    if (same === undefined) candidates.set(action.key, [index]);
    else same.push(index);
  });
  const constrained = actions.map(
    (action) => !action.identity && (action.maxAgeSeconds !== undefined || action.kind === 'host'),
  );
  return {
    order,
    actions,
    predecessors,
    topological,
    candidates,
    unambiguous: [...candidates.values()].every((same) => same.length === 1),
    identityByKey,
    identityAncestor: findIdentityAncestors(actions, predecessors, topological),
    preferred: preferAmongEqualKeys(actions, predecessors, topological, candidates),
    constrained,
    hasConstraints: constrained.includes(true),
    opaque: actions.flatMap((action, index) => (action.kind === 'opaque' ? [index] : [])),
    addsDevices: actions.some((action) => !action.identity && action.kind === 'host'),
  };
}

/** Kahn's algorithm with the order of writing as priority, O(V log V + E). */
function sortTopologically(predecessors: readonly (readonly number[])[]): readonly number[] {
  const successors: number[][] = predecessors.map(() => []);
  const missing = predecessors.map((list) => list.length);
  predecessors.forEach((list, index) => {
    for (const predecessor of list) successors[predecessor]?.push(index);
  });
  const ready: number[] = [];
  missing.forEach((count, index) => {
    if (count === 0) ready.push(index);
  });
  const sorted: number[] = [];
  // Kept in ascending order, so the head is always the one written first.
  for (let next = ready.shift(); next !== undefined; next = ready.shift()) {
    sorted.push(next);
    for (const successor of successors[next] ?? []) {
      const left = (missing[successor] ?? 0) - 1;
      missing[successor] = left;
      if (left === 0) insertAscending(ready, successor);
    }
  }
  return sorted;
}

function insertAscending(list: number[], value: number): void {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  list.splice(low, 0, value);
}

function findIdentityAncestors(
  actions: readonly Action[],
  predecessors: readonly (readonly number[])[],
  topological: readonly number[],
): readonly number[] {
  const ancestor = new Array<number>(actions.length).fill(-1);
  for (const node of topological) {
    let first = -1;
    for (const predecessor of predecessors[node] ?? []) {
      const inherited = ancestor[predecessor] ?? -1;
      if (inherited >= 0 && (first < 0 || inherited < first)) first = inherited;
      if (actions[predecessor]?.identity === true && (first < 0 || predecessor < first)) first = predecessor;
    }
    ancestor[node] = first;
  }
  return ancestor;
}

/**
 * Action a is preferred to action b of the same key when everything that follows b also follows a, and age and
 * device ask the same of both. Then whatever a replay can do after taking b, it can do after taking a: nothing that
 * follows b ran before a did (it would follow a too), so a and b can change places. Of two that are preferred to
 * each other the one written first stays. This keeps interchangeable actions from multiplying the search.
 */
function preferAmongEqualKeys(
  actions: readonly Action[],
  predecessors: readonly (readonly number[])[],
  topological: readonly number[],
  candidates: ReadonlyMap<string, readonly number[]>,
): readonly (readonly number[])[] {
  const preferred: (readonly number[])[] = actions.map(() => []);
  const repeated = [...candidates.values()].filter((positions) => positions.length > 1);
  if (repeated.length === 0) return preferred;
  const following = findDescendants(predecessors, topological);
  for (const positions of repeated) {
    for (const node of positions) {
      preferred[node] = positions.filter((other) => {
        if (other === node) return false;
        const first = actions[other];
        const second = actions[node];
        if (first === undefined || second === undefined) return false;
        if (first.maxAgeSeconds !== second.maxAgeSeconds || addedSerial(first) !== addedSerial(second))
          return false;
        const covers = isSubset(following[node] ?? [], following[other] ?? []);
        const covered = isSubset(following[other] ?? [], following[node] ?? []);
        return covers && (!covered || other < node);
      });
    }
  }
  return preferred;
}

function findDescendants(
  predecessors: readonly (readonly number[])[],
  topological: readonly number[],
): readonly BitSet[] {
  const following: BitSet[] = predecessors.map(() => emptySet(predecessors.length));
  for (let place = topological.length - 1; place >= 0; place--) {
    const node = topological[place];
    if (node === undefined) continue;
    for (const predecessor of predecessors[node] ?? []) {
      const own = withMember(following[node] ?? [], node);
      following[predecessor] = union(following[predecessor] ?? [], own);
    }
  }
  return following;
}

/** A position in the order as an action of a plan; empty for no action. */
export function plannedAction(order: CompiledOrder, node: number): readonly PlannedAction[] {
  const action = order.actions[node];
  return action === undefined ? [] : [{ name: action.name, key: action.key }];
}

/** Serial number of the disk that the action adds; undefined when it adds none. */
export function addedSerial(action: Action): string | undefined {
  return action.kind === 'host' && action.operation.kind === 'add-disk' ? diskSerial(action.name) : undefined;
}
