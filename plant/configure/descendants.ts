import type { Dag } from '../../model/dag.js';

/** Names of all actions that come after the named one, directly or not. Empty for the implicit end node. */
export function descendantsOf(dag: Dag, name: string): ReadonlySet<string> {
  const successors = new Map<string, string[]>();
  for (const [action, predecessors] of dag.predecessors) {
    for (const predecessor of predecessors) {
      const known = successors.get(predecessor);
      if (known === undefined) successors.set(predecessor, [action]);
      else known.push(action);
    }
  }
  const found = new Set<string>();
  const open = [name];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const successor of successors.get(next) ?? []) {
      if (found.has(successor)) continue;
      found.add(successor);
      open.push(successor);
    }
  }
  return found;
}
