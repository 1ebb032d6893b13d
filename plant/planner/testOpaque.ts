import { type BitSet, has, hasAll } from './bitSet.js';
import type { CompiledOrder } from './compiledOrder.js';
import type { Failure } from './failure.js';

/**
 * Whether the image brings every opaque action of the order: a change that was made by hand is in an image or nowhere,
 * so what is left to do may never hold one.
 *
 * @param executed what the image performed; the same for every way of reading its record, since no other action has
 * the key of an opaque one
 */
export function bringsOpaque(order: CompiledOrder, executed: BitSet): boolean {
  return order.opaque.length === 0 || hasAll(executed, order.opaque);
}

/** It fails at the first opaque action (in the order of writing) that the image lacks; undefined when it has all. */
export function testOpaque(order: CompiledOrder, executed: BitSet): Failure | undefined {
  const lacking = order.opaque.find((node) => !has(executed, node));
  const action = lacking === undefined ? undefined : order.actions[lacking]?.name;
  if (action === undefined) return undefined;
  return {
    test: 'opaque',
    action,
    describe: () => `it lacks "${action}", a change made by hand that only an image can bring`,
  };
}
