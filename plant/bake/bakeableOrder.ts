import type { Action } from '../../model/action.js';
import { createDag, type Dag } from '../../model/dag.js';
import { invalidArgument } from '../../model/errors.js';
import type { Order } from '../../model/order.js';

/** The part of an order that can become a golden image, and what cannot. */
export interface BakeableOrder {
  readonly order: Order;
  /** Actions that are left out: identity actions, and those that come after one. In the order of writing. */
  readonly leftOut: readonly string[];
}

/**
 * An order without its identity and without the actions that belong to one VM or follow one that does. An action may
 * be tried again, but no error handler counts: an image in which an action failed is not what its record says.
 */
export function bakeableOrder(order: Order): BakeableOrder {
  const left = new Set<string>();
  const isLeft = (action: Action, dag: Dag): boolean =>
    action.identity || (dag.predecessors.get(action.name) ?? []).some((name) => left.has(name));
  // The order of writing need not be a topological one: repeat until nothing more is left out.
  for (let before = -1; before !== left.size; ) {
    before = left.size;
    for (const action of order.dag.actions) if (isLeft(action, order.dag)) left.add(action.name);
  }
  const actions = order.dag.actions
    .filter(({ name }) => !left.has(name))
    .map((action) => ({
      ...action,
      onError: { retries: action.onError.retries, then: { kind: 'abort' as const } },
    }));
  const built = createDag(actions, order.dag.predecessors);
  if (built.kind === 'problem') {
    throw invalidArgument([{ field: 'actions', description: `not a DAG: ${built.problem.kind}` }]);
  }
  return {
    order: { ...order, dag: built.dag, identity: new Map() },
    leftOut: order.dag.actions.flatMap(({ name }) => (left.has(name) ? [name] : [])),
  };
}
