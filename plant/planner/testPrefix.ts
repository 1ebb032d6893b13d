import { type BitSet, emptySet, has, hasAll, include, withMember } from './bitSet.js';
import type { CompiledOrder } from './compiledOrder.js';
import type { Failure } from './failure.js';

/** Where keys repeat, the prefix test looks at no more than this many partial choices. */
const MAX_PREFIX_STATES = 10_000;

/**
 * The prefix test (VMPlants paper, section 3.2): an action was performed in the image only if everything before it
 * in the DAG was. With repeated keys: there is a choice of distinct actions with the recorded keys that holds the
 * predecessors of all its members. Only asked of records that pass the subset test; undefined means it passes.
 *
 * It fails at the first recorded entry that is not in the largest set of actions that holds recorded keys and its
 * own predecessors; no single entry is named where each alone would fit but not all together.
 */
export function testPrefix(order: CompiledOrder, keys: readonly string[]): Failure | undefined {
  const needed = new Map<string, number>();
  for (const key of keys) needed.set(key, (needed.get(key) ?? 0) + 1);
  const largest = emptySet(order.actions.length);
  const inLargest = new Map<string, number>();
  for (const node of order.topological) {
    const action = order.actions[node];
    if (action === undefined || action.identity || !needed.has(action.key)) continue;
    if (!hasAll(largest, order.predecessors[node] ?? [])) continue;
    include(largest, node);
    inLargest.set(action.key, (inLargest.get(action.key) ?? 0) + 1);
  }
  const used = new Map<string, number>();
  for (let place = 0; place < keys.length; place++) {
    const key = keys[place] ?? '';
    const count = (used.get(key) ?? 0) + 1;
    used.set(key, count);
    if (count > (inLargest.get(key) ?? 0)) return missingPredecessor(order, largest, key);
  }
  if ([...needed].every(([key, count]) => inLargest.get(key) === count)) return undefined;
  const found = searchClosedSet(order, largest, needed, inLargest);
  if (found === 'found') return undefined;
  return {
    test: 'prefix',
    describe: () =>
      found === 'none'
        ? 'no choice among the actions that do the same holds all predecessors of what it performed'
        : `whether it holds a prefix was not found out within ${MAX_PREFIX_STATES} steps: too many actions do the same`,
  };
}

function missingPredecessor(order: CompiledOrder, largest: BitSet, key: string): Failure {
  const candidates = order.candidates.get(key) ?? [];
  const action = order.actions[candidates[0] ?? -1]?.name;
  return {
    test: 'prefix',
    ...(action === undefined ? {} : { action }),
    describe: () => {
      let node = candidates.find((candidate) => !has(largest, candidate));
      let missing: number | undefined;
      while (node !== undefined) {
        node = order.predecessors[node]?.find((predecessor) => !has(largest, predecessor));
        missing = node ?? missing;
      }
      const before = missing === undefined ? 'what comes before it' : `"${order.actions[missing]?.name}"`;
      return `it performed "${action}" but not ${before}, which the order wants first`;
    },
  };
}

/** Backtracking over the actions of the largest set in topological order; a decision is to take one or not. */
function searchClosedSet(
  order: CompiledOrder,
  largest: BitSet,
  needed: ReadonlyMap<string, number>,
  available: ReadonlyMap<string, number>,
): 'found' | 'none' | 'exhausted' {
  const nodes = order.topological.filter((node) => has(largest, node));
  const wanted = new Map(needed);
  const left = new Map(available);
  let visited = 0;

  function decide(place: number, taken: BitSet): 'found' | 'none' | 'exhausted' {
    if (++visited > MAX_PREFIX_STATES) return 'exhausted';
    const node = nodes[place];
    if (node === undefined) return 'found';
    const key = order.actions[node]?.key ?? '';
    const want = wanted.get(key) ?? 0;
    const rest = left.get(key) ?? 0;
    left.set(key, rest - 1);
    let answer: 'found' | 'none' | 'exhausted' = 'none';
    if (want > 0 && hasAll(taken, order.predecessors[node] ?? [])) {
      wanted.set(key, want - 1);
      answer = decide(place + 1, withMember(taken, node));
      wanted.set(key, want);
    }
    // Leaving it out only helps while enough others of its key are still to come.
    if (answer === 'none' && rest - 1 >= want) answer = decide(place + 1, taken);
    left.set(key, rest);
    return answer;
  }

  return decide(0, emptySet(order.actions.length));
}
