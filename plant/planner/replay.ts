import { type BitSet, emptySet, has, hasAll, include, setIdentifier, withMember } from './bitSet.js';
import type { CompiledOrder } from './compiledOrder.js';

/**
 * Replays what was recorded in an image on the DAG of an order: every next recorded key has to be an action that has
 * not run yet and whose predecessors all have. A record that can be replayed to its end passes the prefix test and
 * the partial order test together, for some assignment of its entries to distinct actions, and one that passes both
 * for some assignment can be replayed (VMPlants paper, section 3.2).
 *
 * Where every key stands for one action there is only one state, and a step costs O(actions / 30). Where keys repeat
 * the replay keeps every set of actions that may have run so far; deciding this is NP-hard in general, so it gives up
 * after MAX_REPLAY_STATES states and the image is then, on the safe side, rejected.
 */
export interface Frontier {
  /** Number of keys replayed. */
  readonly place: number;
  /** All distinct ways in which the record so far can have run; empty when the next key cannot be replayed. */
  readonly states: readonly ReplayState[];
  /** States made so far, over all steps. */
  readonly visited: number;
  /** Where there is no state: one in which the replay got furthest. */
  readonly reached?: ReplayState;
  /** Where there is no state: whether the replay gave up. */
  readonly exhausted: boolean;
}

export interface ReplayState {
  /** Actions that have run. */
  readonly executed: BitSet;
  /** Those of them that ran after the parent's, in order. */
  readonly nodes: readonly number[];
  readonly parent: ReplayState | undefined;
}

/** More states than this for one record and the image is rejected, saying so. */
export const MAX_REPLAY_STATES = 10_000;

/** Whether the recorded entry at this place in the record may be this action. */
export type Admits = (node: number, place: number) => boolean;

/** Before the first recorded action. */
export function startReplay(order: CompiledOrder): Frontier {
  return {
    place: 0,
    states: [{ executed: emptySet(order.actions.length), nodes: [], parent: undefined }],
    visited: 0,
    exhausted: false,
  };
}

/** These recorded keys further, each only onto actions that `admits` allows. */
export function advance(
  order: CompiledOrder,
  frontier: Frontier,
  keys: readonly string[],
  admits?: Admits,
): Frontier {
  const [state] = frontier.states;
  if (state === undefined || keys.length === 0) return frontier;
  if (order.unambiguous) return advanceOnly(order, frontier, state, keys, admits);
  let current = frontier;
  for (const key of keys) {
    current = advanceAll(order, current, key, admits);
    if (current.states.length === 0) break;
  }
  return current;
}

/** Where there is one state at most, all keys are taken in one step. */
function advanceOnly(
  order: CompiledOrder,
  frontier: Frontier,
  parent: ReplayState,
  keys: readonly string[],
  admits: Admits | undefined,
): Frontier {
  const executed = parent.executed.slice();
  const nodes: number[] = [];
  const state: ReplayState = { executed, nodes, parent };
  for (const key of keys) {
    const node = order.candidates.get(key)?.[0];
    const place = frontier.place + nodes.length;
    if (node === undefined || !canRun(order, executed, node) || admits?.(node, place) === false) {
      return { place, states: [], visited: frontier.visited, reached: state, exhausted: false };
    }
    include(executed, node);
    nodes.push(node);
  }
  return {
    place: frontier.place + nodes.length,
    states: [state],
    visited: frontier.visited,
    exhausted: false,
  };
}

function advanceAll(
  order: CompiledOrder,
  frontier: Frontier,
  key: string,
  admits: Admits | undefined,
): Frontier {
  const { place } = frontier;
  const next: ReplayState[] = [];
  const seen = new Set<string>();
  const stuck = (exhausted: boolean): Frontier => {
    const [reached] = frontier.states;
    const visited = frontier.visited + next.length;
    return { place, states: [], visited, ...(reached === undefined ? {} : { reached }), exhausted };
  };
  for (const state of frontier.states) {
    for (const node of order.candidates.get(key) ?? []) {
      if (!canRun(order, state.executed, node) || admits?.(node, place) === false) continue;
      if (order.preferred[node]?.some((other) => canRun(order, state.executed, other)) === true) continue;
      const executed = withMember(state.executed, node);
      const identifier = setIdentifier(executed);
      if (seen.has(identifier)) continue;
      seen.add(identifier);
      if (frontier.visited + next.length >= MAX_REPLAY_STATES) return stuck(true);
      next.push({ executed, nodes: [node], parent: state });
    }
  }
  if (next.length === 0) return stuck(false);
  return { place: place + 1, states: next, visited: frontier.visited + next.length, exhausted: false };
}

function canRun(order: CompiledOrder, executed: BitSet, node: number): boolean {
  return !has(executed, node) && hasAll(executed, order.predecessors[node] ?? []);
}

/** The actions of a replay in the order in which they ran. */
export function executedNodes(state: ReplayState): readonly number[] {
  const parts: (readonly number[])[] = [];
  for (let current: ReplayState | undefined = state; current !== undefined; current = current.parent) {
    parts.push(current.nodes);
  }
  return parts.reverse().flat();
}
