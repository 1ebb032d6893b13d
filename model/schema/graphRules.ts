import { END_NODE, MAX_ACTIONS, MAX_EDGES, START_NODE } from '../dag.js';
import { type IndexedGraph, indexGraph } from '../indexedGraph.js';
import { suggestion } from './didYouMean.js';
import { allDags, type OutlineAction, type OutlineDag } from './outline.js';
import { quote } from './text.js';
import type { Violations } from './violations.js';

/**
 * The rules about a request's graphs (VMPlants paper, section 3.1): names unique in the request, predecessors that
 * exist, no cycle, and a place to go on at that follows the action. A handler is a graph of its own: its actions
 * precede and follow each other only. The graphs must be within their bounds.
 */
export function checkGraphs(root: OutlineDag, violations: Violations): void {
  const dags = allDags(root);
  checkNamesUnique(dags, violations);
  for (const dag of dags) checkGraph(dag, dags, violations);
}

/** False when there are so many actions or edges that the request must not be looked at further. */
export function withinBounds(root: OutlineDag, violations: Violations): boolean {
  let actions = 0;
  let edges = 0;
  for (const dag of allDags(root)) {
    actions += dag.actions.length;
    for (const action of dag.actions) edges += action.after.length;
  }
  if (actions > MAX_ACTIONS)
    violations.add(
      ['actions'],
      `expected at most ${MAX_ACTIONS} actions, handlers included, found ${actions}`,
    );
  if (edges > MAX_EDGES)
    violations.add(['actions'], `expected at most ${MAX_EDGES} names in all "after" fields, found ${edges}`);
  return actions <= MAX_ACTIONS && edges <= MAX_EDGES;
}

function checkNamesUnique(dags: readonly OutlineDag[], violations: Violations): void {
  const taken = new Set<string>();
  for (const dag of dags) {
    for (const action of dag.actions) {
      if (action.name === undefined) continue;
      if (taken.has(action.name)) {
        violations.add(
          [...action.path, 'name'],
          `another action of this request is called ${quote(action.name)}; names are unique`,
        );
      }
      taken.add(action.name);
    }
  }
}

function checkGraph(dag: OutlineDag, dags: readonly OutlineDag[], violations: Violations): void {
  const byName = new Map<string, OutlineAction>();
  for (const action of dag.actions) {
    if (action.name !== undefined && !byName.has(action.name)) byName.set(action.name, action);
  }
  const after = new Map<string, readonly string[]>();
  for (const [name, action] of byName) {
    after.set(
      name,
      action.after.filter(
        (predecessor): predecessor is string => predecessor !== undefined && byName.has(predecessor),
      ),
    );
  }
  for (const action of dag.actions) {
    for (const [index, predecessor] of action.after.entries()) {
      if (predecessor === undefined || byName.has(predecessor)) continue;
      if (violations.full) return;
      violations.add(
        [...action.path, 'after', index],
        unknownPredecessor(predecessor, byName.keys(), dags, dag),
      );
    }
  }
  const graph = indexGraph([...byName.keys()], after);
  if (graph.order !== undefined) {
    checkGoOnAt(byName, graph, graph.order, violations);
    return;
  }
  const cycle = fromFirstWritten(graph.cycle, graph.position);
  const first = byName.get(cycle[0] ?? '');
  violations.add([...(first?.path ?? dag.path), 'after'], `the actions form a cycle: ${showCycle(cycle)}`);
}

function unknownPredecessor(
  name: string,
  candidates: Iterable<string>,
  dags: readonly OutlineDag[],
  dag: OutlineDag,
): string {
  if (name === START_NODE || name === END_NODE) return `${quote(name)} is implicit; leave it out`;
  const elsewhere = dags.some(
    (other) => other !== dag && other.actions.some((action) => action.name === name),
  );
  if (elsewhere)
    return `${quote(name)} belongs to another graph; a handler and the graph around it share no edges`;
  return `no action is called ${quote(name)}${suggestion(name, candidates)}`;
}

/** The same cycle, told from the action on that is written first. */
function fromFirstWritten(
  cycle: readonly string[],
  position: ReadonlyMap<string, number>,
): readonly string[] {
  const around = cycle.slice(1);
  const places = around.map((name) => position.get(name) ?? 0);
  const start = places.indexOf(Math.min(...places));
  const told = [...around.slice(start), ...around.slice(0, start)];
  return [...told, ...told.slice(0, 1)];
}

/** The whole cycle as `a -> b -> a`; only the middle of one too long to read is left out. */
function showCycle(cycle: readonly string[]): string {
  const shown =
    cycle.length <= 60
      ? cycle
      : [...cycle.slice(0, 30), `... ${cycle.length - 60} more ...`, ...cycle.slice(-30)];
  return shown.map((name) => quote(name).slice(1, -1)).join(' -> ');
}

function checkGoOnAt(
  byName: ReadonlyMap<string, OutlineAction>,
  graph: IndexedGraph,
  order: readonly number[],
  violations: Violations,
): void {
  const asking = [...byName.values()].filter(
    (action) => action.goOnAt !== undefined && action.goOnAt.name !== END_NODE,
  );
  if (asking.length === 0) return;
  const follows = descent(graph, order);
  for (const { name = '', goOnAt } of asking) {
    if (goOnAt === undefined || violations.full) continue;
    if (!byName.has(goOnAt.name)) {
      violations.add(
        goOnAt.path,
        `no action is called ${quote(goOnAt.name)}${suggestion(goOnAt.name, byName.keys())}`,
      );
    } else if (!follows(goOnAt.name, name)) {
      violations.add(
        goOnAt.path,
        `expected an action that follows ${quote(name)}, or "${END_NODE}"; ${quote(goOnAt.name)} does not follow it`,
      );
    }
  }
}

/**
 * Answers whether one action follows another, directly or not. One bit per pair: 1,000 actions with 5,000 edges
 * cost 5,000 times 32 words once, whatever is asked afterwards.
 */
function descent(graph: IndexedGraph, order: readonly number[]): (later: string, earlier: string) => boolean {
  const words = Math.ceil(graph.names.length / 32);
  // Row i, from i * words on, holds a bit for every action that precedes action i.
  const bits = new Uint32Array(graph.names.length * words);
  for (const index of order) {
    const mine = index * words;
    for (const predecessor of graph.predecessors[index] ?? []) {
      const theirs = predecessor * words;
      for (let word = 0; word < words; word++)
        bits[mine + word] = (bits[mine + word] ?? 0) | (bits[theirs + word] ?? 0);
      const own = mine + (predecessor >>> 5);
      bits[own] = (bits[own] ?? 0) | (1 << (predecessor & 31));
    }
  }
  return (later, earlier) => {
    const bit = graph.position.get(earlier) ?? 0;
    const word = bits[(graph.position.get(later) ?? 0) * words + (bit >>> 5)] ?? 0;
    return (word & (1 << (bit & 31))) !== 0;
  };
}
