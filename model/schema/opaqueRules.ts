import type { Action } from '../action.js';
import { allDags, type OutlineAction, type OutlineDag } from './outline.js';
import { quote } from './text.js';
import type { Violations } from './violations.js';

/**
 * Where an opaque action may stand. It is in an image or nowhere, and an image holds a prefix of the DAG without
 * anything that belongs to one VM: so not in a handler, which is performed, and not after an identity action.
 */
export function checkOpaqueActions(root: OutlineDag, violations: Violations): void {
  for (const handler of allDags(root).slice(1)) {
    for (const { path } of handler.actions.filter(isOpaque)) {
      const description = 'a handler is performed, and an opaque action cannot be; leave it out';
      violations.add([...path, 'opaque'], description);
    }
  }
  const opaque = root.actions.filter(isOpaque);
  if (opaque.length === 0) return;
  const before = findIdentityBefore(root);
  for (const { name, path } of opaque) {
    const identity = before.get(name ?? '');
    if (identity === undefined) continue;
    violations.add(
      [...path, 'after'],
      `no image can bring an opaque action that follows identity action ${quote(identity)}`,
    );
  }
}

/**
 * No other action of the DAG has the key of an opaque one: an image brings the change once, and which of the two its
 * record means could not be told.
 *
 * @param actions of the request's own DAG, in the order of writing
 */
export function checkOpaqueKeys(actions: readonly Action[], violations: Violations): void {
  const first = new Map<string, number>();
  for (const [index, action] of actions.entries()) {
    const before = first.get(action.key);
    const other = actions[before ?? -1];
    if (before === undefined || other === undefined) {
      first.set(action.key, index);
    } else if (action.kind === 'opaque') {
      violations.add(['actions', index, 'opaque'], clash(other));
    } else if (other.kind === 'opaque') {
      violations.add(['actions', before, 'opaque'], clash(action));
    }
  }
}

function clash({ name }: Action): string {
  return `expected a key that no other action has; ${quote(name)} has it too`;
}

function isOpaque({ fields }: OutlineAction): boolean {
  return fields.has('opaque');
}

/** Of every action that follows an identity action, directly or not, the name of one. */
function findIdentityBefore(dag: OutlineDag): ReadonlyMap<string, string> {
  const followers = new Map<string, string[]>();
  for (const { name, after } of dag.actions) {
    if (name === undefined) continue;
    for (const predecessor of after) {
      if (predecessor === undefined) continue;
      const known = followers.get(predecessor);
      if (known === undefined) followers.set(predecessor, [name]);
      else known.push(name);
    }
  }
  const before = new Map<string, string>();
  for (const { name: identity, identity: marked } of dag.actions) {
    if (!marked || identity === undefined) continue;
    const pending = [identity];
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      for (const follower of followers.get(name) ?? []) {
        if (before.has(follower)) continue;
        before.set(follower, identity);
        pending.push(follower);
      }
    }
  }
  return before;
}
