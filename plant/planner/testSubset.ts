import type { PerformedAction } from '../../model/goldenImage.js';
import type { CompiledOrder } from './compiledOrder.js';
import type { Failure } from './failure.js';

/**
 * The subset test (VMPlants paper, section 3.2): nothing was performed in the image that the order does not ask for,
 * counting how often. An identity action of the order counts as not asked for: its effect belongs to one VM.
 */
export function subsetFailure(order: CompiledOrder, excess: PerformedAction): Failure {
  const { key, name: imageName } = excess;
  const identity = order.identityByKey.get(key);
  const asked = order.candidates.get(key);
  if (identity !== undefined) {
    const action = order.actions[identity]?.name ?? imageName;
    return {
      test: 'subset',
      action,
      describe: () =>
        asked === undefined
          ? `it performed "${imageName}", which is identity action "${action}" of the order and belongs to one VM only`
          : `it performed "${imageName}" more often than the order asks for apart from identity action "${action}"`,
    };
  }
  if (asked !== undefined) {
    const action = order.actions[asked[0] ?? 0]?.name ?? imageName;
    return {
      test: 'subset',
      action,
      describe: () =>
        `it performed "${imageName}" more than ${asked.length} times, as often as the order asks for it ("${action}")`,
    };
  }
  return {
    test: 'subset',
    action: imageName,
    describe: () =>
      excess.opaque === true
        ? `it holds "${imageName}", a change made by hand that the order does not ask for`
        : `it performed "${imageName}", which the order does not ask for`,
  };
}

/** First place of the record at which the subset test fails; undefined when it passes. */
export function testSubset(order: CompiledOrder, keys: readonly string[]): number | undefined {
  const used = new Map<string, number>();
  for (let place = 0; place < keys.length; place++) {
    if (!countWithin(order, used, keys[place] ?? '')) return place;
  }
  return undefined;
}

/** Counts one more performance of the key; false when the order does not ask for so many. */
function countWithin(order: CompiledOrder, used: Map<string, number>, key: string): boolean {
  const count = (used.get(key) ?? 0) + 1;
  if (count > (order.candidates.get(key)?.length ?? 0)) return false;
  used.set(key, count);
  return true;
}
