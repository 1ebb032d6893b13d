import { alg, Graph } from 'graphlib';
import type { Action } from './action.js';

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

/** More actions than this in one DAG are refused: recursion and plans are kept bounded. */
export const MAX_ACTIONS = 1000;
/** More edges than this in one DAG are refused. */
export const MAX_EDGES = 20_000;

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
  const graph = new Graph({ directed: true });
  for (const name of names) {
    if (graph.hasNode(name)) return { kind: 'duplicate-name', action: name };
    graph.setNode(name);
  }
  for (const name of names) {
    for (const predecessor of after.get(name) ?? []) {
      if (!graph.hasNode(predecessor)) return { kind: 'unknown-predecessor', action: name, predecessor };
      if (predecessor === name) return { kind: 'cycle', cycle: [name, name] };
      graph.setEdge(predecessor, name);
    }
  }
  const component = alg.findCycles(graph)[0];
  if (component === undefined) return undefined;
  return { kind: 'cycle', cycle: oneCycle(graph, component) };
}

/** findCycles gives a strongly connected component; walk inside it until a node comes back. */
function oneCycle(graph: Graph, component: readonly string[]): readonly string[] {
  const inside = new Set(component);
  const path: string[] = [];
  const position = new Map<string, number>();
  let node = component[0] ?? '';
  for (;;) {
    const seen = position.get(node);
    if (seen !== undefined) return [...path.slice(seen), node];
    position.set(node, path.length);
    path.push(node);
    node = (graph.successors(node) ?? []).find((next: string) => inside.has(next)) ?? '';
  }
}
