import type { CompiledOrder } from './compiledOrder.js';

/**
 * What the client could do better: an action that belongs to every VM but follows one that belongs to a single VM
 * never enters a golden image, because an image holds a prefix of the DAG.
 */
export function findWarnings(order: CompiledOrder): readonly string[] {
  return order.actions.flatMap((action, node) => {
    const ancestor = order.actions[order.identityAncestor[node] ?? -1];
    if (action.identity || ancestor === undefined) return [];
    return [`action "${action.name}" cannot be cached because it follows identity action "${ancestor.name}"`];
  });
}
