import type { Action } from '../../model/action.js';
import type { Dag } from '../../model/dag.js';
import type { PlannedAction, Stage } from '../../model/plan.js';

/**
 * All actions of a DAG in the order of writing as far as its edges allow, neighbouring guest actions on one ISO.
 * For error handlers, which are short and rare; the order's own stages are the planner's.
 */
export function stagesInOrder(dag: Dag): readonly Stage[] {
  const stages: Stage[] = [];
  for (const action of topological(dag)) {
    const planned: PlannedAction = { name: action.name, key: action.key };
    const last = stages.at(-1);
    if (action.kind === 'host') stages.push({ kind: 'host', action: planned });
    else if (last?.kind === 'guest') {
      stages[stages.length - 1] = { kind: 'guest', actions: [...last.actions, planned] };
    } else stages.push({ kind: 'guest', actions: [planned] });
  }
  return stages;
}

function topological(dag: Dag): readonly Action[] {
  const placed = new Set<string>();
  const order: Action[] = [];
  let waiting = dag.actions;
  while (waiting.length > 0) {
    const later: Action[] = [];
    for (const action of waiting) {
      const ready = (dag.predecessors.get(action.name) ?? []).every((name) => placed.has(name));
      if (ready) {
        placed.add(action.name);
        order.push(action);
      } else later.push(action);
    }
    if (later.length === waiting.length) throw new Error('expected a DAG, found a cycle');
    waiting = later;
  }
  return order;
}
