import { alg, Graph } from 'graphlib';

/** A directed graph by positions, with an order of its nodes or a cycle that keeps it from having one. */
export interface IndexedGraph {
  readonly names: readonly string[];
  readonly position: ReadonlyMap<string, number>;
  /** Of every node, its direct predecessors; names that are no node are left out. */
  readonly predecessors: readonly (readonly number[])[];
  /** Every node after its predecessors; undefined when there is a cycle. */
  readonly order: readonly number[] | undefined;
  /** The names around one cycle, the first repeated at the end; empty when there is none. */
  readonly cycle: readonly string[];
}

/** `names` are distinct; `after` maps a name to those that precede it. */
export function indexGraph(
  names: readonly string[],
  after: ReadonlyMap<string, readonly string[]>,
): IndexedGraph {
  const position = new Map(names.map((name, index) => [name, index]));
  const predecessors = names.map((name) => positionsOf(after.get(name) ?? [], position));
  const graph = graphOf(predecessors);
  const component = alg.findCycles(graph)[0];
  const order = component === undefined ? alg.topsort(graph).map(Number) : undefined;
  const cycle =
    component === undefined ? [] : cycleIn(graph, component).map((node) => names[Number(node)] ?? '');
  return { names, position, predecessors, order, cycle };
}

/** Nodes are positions: graphlib takes names like `constructor` for nodes of every graph. */
function graphOf(predecessors: readonly (readonly number[])[]): Graph {
  const graph = new Graph({ directed: true });
  for (const [index, list] of predecessors.entries()) {
    graph.setNode(String(index));
    for (const predecessor of list) graph.setEdge(String(predecessor), String(index));
  }
  return graph;
}

/** findCycles gives a strongly connected component; walk inside it until a node comes back. */
function cycleIn(graph: Graph, component: readonly string[]): readonly string[] {
  const inside = new Set(component);
  const path: string[] = [];
  const seen = new Map<string, number>();
  let [node = ''] = inside;
  for (;;) {
    const start = seen.get(node);
    if (start !== undefined) return [...path.slice(start), node];
    seen.set(node, path.length);
    path.push(node);
    node = (graph.successors(node) ?? []).find((next: string) => inside.has(next)) ?? '';
  }
}

function positionsOf(names: readonly string[], position: ReadonlyMap<string, number>): readonly number[] {
  const positions: number[] = [];
  for (const name of names) {
    const found = position.get(name);
    if (found !== undefined) positions.push(found);
  }
  return positions;
}
