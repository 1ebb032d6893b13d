import type { Action } from './action.js';
import { indexGraph } from './indexedGraph.js';

/**
 * A directed acyclic graph of configuration actions (VMPlants paper, section 3.1). An edge (a, b) means that a is
 * performed before b. The paper's start and end nodes are implicit: start precedes every action without a
 * predecessor, end follows every action without a successor.
 */
export interface Dag {
  /** In the order of writing. */
  readonly actions: readonly Action[];
  /** Direct predecessors of every action, by name, in the order of writing. */
  readonly predecessors: ReadonlyMap<string, readonly string[]>;
}

/** Names that stand for the implicit nodes; no action may take them. */
export const START_NODE = 'start';
export const END_NODE = 'end';

/** More actions than this in one DAG are refused: plans and graphlib's recursion are kept bounded. */
export const MAX_ACTIONS = 1000;
/** More edges than this in one DAG are refused: reading a request, or refusing it, takes some tens of milliseconds. */
export const MAX_EDGES = 5_000;

/** Why a set of actions and edges is no DAG, at which action. */
export type DagProblem =
  | {
      readonly kind: 'cycle' /** The actions of one cycle, in order, the first repeated at the end. */;
      readonly cycle: readonly string[];
    }
  | { readonly kind: 'unknown-predecessor'; readonly action: string; readonly predecessor: string }
  | { readonly kind: 'duplicate-name'; readonly action: string };

/** Builds the DAG or says why it is none. `after` maps an action's name to the names that must precede it. */
export function createDag(
  actions: readonly Action[],
  after: ReadonlyMap<string, readonly string[]>,
): { readonly kind: 'dag'; readonly dag: Dag } | { readonly kind: 'problem'; readonly problem: DagProblem } {
  const problem = checkEdges(
    actions.map((action) => action.name),
    after,
  );
  if (problem !== undefined) return { kind: 'problem', problem };
  const predecessors = new Map<string, readonly string[]>();
  for (const action of actions) {
    predecessors.set(action.name, Object.freeze([...new Set(after.get(action.name) ?? [])]));
  }
  return { kind: 'dag', dag: Object.freeze({ actions: Object.freeze([...actions]), predecessors }) };
}

/** The first thing that keeps these names and edges from being a DAG, if any. */
export function checkEdges(
  names: readonly string[],
  after: ReadonlyMap<string, readonly string[]>,
): DagProblem | undefined {
  const known = new Set<string>();
  for (const name of names) {
    if (known.has(name)) return { kind: 'duplicate-name', action: name };
    known.add(name);
  }
  for (const name of names) {
    for (const predecessor of after.get(name) ?? []) {
      if (!known.has(predecessor)) return { kind: 'unknown-predecessor', action: name, predecessor };
    }
  }
  const { cycle } = indexGraph(names, after);
  return cycle.length === 0 ? undefined : { kind: 'cycle', cycle };
}
