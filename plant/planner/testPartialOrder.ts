import { has } from './bitSet.js';
import type { CompiledOrder } from './compiledOrder.js';
import type { Failure } from './failure.js';
import { MAX_REPLAY_STATES, type ReplayState } from './replay.js';

/**
 * The partial order test (VMPlants paper, section 3.2): what was performed in the image ran in an order that the DAG
 * allows. Only asked of records that pass the subset and prefix tests and cannot be replayed; it fails at the first
 * entry that no replay reaches.
 *
 * @param reached a state in which a replay got furthest, if the replay kept one; names the action that should have run before
 */
export function partialOrderFailure(
  order: CompiledOrder,
  key: string,
  reached: ReplayState | undefined,
  exhausted: boolean,
): Failure {
  const node = order.candidates.get(key)?.[0];
  const action = node === undefined ? undefined : order.actions[node]?.name;
  if (exhausted) {
    return {
      test: 'partial-order',
      ...(action === undefined ? {} : { action }),
      describe: () =>
        `whether it ran in an order that the DAG allows was not found out within ${MAX_REPLAY_STATES} states: too many actions do the same`,
    };
  }
  return {
    test: 'partial-order',
    ...(action === undefined ? {} : { action }),
    describe: () => {
      const late =
        node === undefined || reached === undefined
          ? undefined
          : order.predecessors[node]?.find((predecessor) => !has(reached.executed, predecessor));
      const other =
        late === undefined
          ? 'what the order wants first'
          : `"${order.actions[late]?.name}", which the order wants first`;
      return `it performed "${action}" before ${other}`;
    },
  };
}
