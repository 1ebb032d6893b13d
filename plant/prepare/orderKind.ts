import type { Action } from '../../model/action.js';
import type { Dag } from '../../model/dag.js';
import type { Order } from '../../model/order.js';
import { shapeOf } from '../learn/shapeOf.js';

/** What a pool keeps of an order: enough to plan it again when the images have changed, and nothing to perform. */
export interface OrderKind {
  /** Orders of the same kind differ in what belongs to one VM alone. */
  readonly kind: string;
  /** Without scripts, files and identity: they may be large, and secret. The actions keep their keys. */
  readonly order: Order;
}

export function kindOf(order: Order): OrderKind {
  // An order that names an opaque action has an empty shape: it is told apart by what it names.
  const opaque = order.dag.actions.flatMap(({ kind, key }) => (kind === 'opaque' ? [key] : [])).sort();
  return {
    kind: [shapeOf(order).shape.digest, ...opaque].join(' '),
    order: { ...order, identity: new Map(), dag: withoutWork(order.dag) },
  };
}

function withoutWork(dag: Dag): Dag {
  return { actions: dag.actions.map(emptied), predecessors: dag.predecessors };
}

function emptied(action: Action): Action {
  const onError = { retries: 0, then: { kind: 'abort' } } as const;
  switch (action.kind) {
    case 'guest':
      return { ...action, script: '', files: [], parameters: [], environment: [], onError };
    case 'host':
      return action.operation.kind === 'attach-iso'
        ? { ...action, operation: { ...action.operation, files: [] }, onError }
        : { ...action, onError };
    case 'opaque':
      return action;
  }
}
