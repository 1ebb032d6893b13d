import type { Action } from '../../model/action.js';
import { createDag, type Dag } from '../../model/dag.js';

/** The actions one after the other, each after the one before; undefined when two have one name. Pure. */
export function chainedDag(actions: readonly Action[]): Dag | undefined {
  const after = new Map(
    actions.map(({ name }, index) => [
      name,
      actions.slice(Math.max(0, index - 1), index).map((before) => before.name),
    ]),
  );
  const built = createDag(actions, after);
  return built.kind === 'dag' ? built.dag : undefined;
}
