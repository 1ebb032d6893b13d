import { MAX_HANDLER_DEPTH } from './limits.js';
import type { FieldPath, Violations } from './violations.js';

/** Name of the identity parameter that always has a value: without one of its own a VM is called by its VMID. */
export const HOSTNAME = 'hostname';

/**
 * The skeleton of a request: names, edges and references with their places, read leniently from the plain shape, so
 * that the rules about them can be checked even where other fields are wrong. Whatever has the wrong type is left
 * out; the schema complains about it.
 */
export interface Outline {
  readonly identityNames: ReadonlySet<string>;
  readonly hostname: string | undefined;
  readonly dag: OutlineDag;
}

export interface OutlineDag {
  readonly path: FieldPath;
  readonly actions: readonly OutlineAction[];
}

export interface OutlineAction {
  readonly path: FieldPath;
  readonly name: string | undefined;
  /** Entry by entry; undefined stands for one that is no text. */
  readonly after: readonly (string | undefined)[];
  readonly goOnAt: Reference | undefined;
  readonly identityReferences: readonly Reference[];
  /** Fields that are given at all. */
  readonly fields: ReadonlySet<string>;
  readonly addsDisk: boolean;
  /** Whether it is marked as belonging to one VM, or has a parameter that does. */
  readonly identity: boolean;
  readonly handler: OutlineDag | undefined;
}

/** A name that a field holds, and where the field is. */
export interface Reference {
  readonly path: FieldPath;
  readonly name: string;
}

/** Reads the skeleton. Handlers nested too deeply are a violation and are not read. */
export function readOutline(plain: unknown, violations: Violations): Outline {
  const request = fieldsOf(plain);
  const identity = fieldsOf(request.identity);
  const hostname = identity[HOSTNAME];
  return {
    identityNames: new Set(Object.keys(identity)),
    hostname: typeof hostname === 'string' ? hostname : undefined,
    dag: readDag(request.actions, ['actions'], 0, violations),
  };
}

/** The graph and those of all handlers in it, outside in. */
export function allDags(dag: OutlineDag): readonly OutlineDag[] {
  const dags = [dag];
  // The list grows while it is walked: handlers are found behind the graph that they belong to.
  for (const one of dags)
    for (const action of one.actions) if (action.handler !== undefined) dags.push(action.handler);
  return dags;
}

function readDag(actions: unknown, path: FieldPath, depth: number, violations: Violations): OutlineDag {
  if (!Array.isArray(actions)) return { path, actions: [] };
  return {
    path,
    actions: actions.map((action: unknown, index) => readAction(action, [...path, index], depth, violations)),
  };
}

function readAction(plain: unknown, path: FieldPath, depth: number, violations: Violations): OutlineAction {
  const action = fieldsOf(plain);
  const onError = fieldsOf(action.onError);
  const identityReferences = Object.entries(fieldsOf(action.parameters)).flatMap(([name, value]) => {
    const found = reference(fieldsOf(value).identity, [...path, 'parameters', name, 'identity']);
    return found === undefined ? [] : [found];
  });
  return {
    path,
    name: typeof action.name === 'string' ? action.name : undefined,
    after: readAfter(action.after),
    goOnAt: reference(fieldsOf(onError.then).goOnAt, [...path, 'onError', 'then', 'goOnAt']),
    identityReferences,
    fields: new Set(Object.keys(action).filter((name) => action[name] !== undefined)),
    addsDisk: fieldsOf(action.host).addDisk !== undefined,
    identity: action.identity === true || identityReferences.length > 0,
    handler: readHandler(onError.handler, [...path, 'onError', 'handler'], depth + 1, violations),
  };
}

function readHandler(
  plain: unknown,
  path: FieldPath,
  depth: number,
  violations: Violations,
): OutlineDag | undefined {
  if (plain === undefined) return undefined;
  if (depth > MAX_HANDLER_DEPTH) {
    violations.add(path, `expected handlers nested at most ${MAX_HANDLER_DEPTH} deep, found a deeper one`);
    return undefined;
  }
  return readDag(fieldsOf(plain).actions, [...path, 'actions'], depth, violations);
}

function readAfter(after: unknown): readonly (string | undefined)[] {
  if (!Array.isArray(after)) return [];
  return after.map((name: unknown) => (typeof name === 'string' ? name : undefined));
}

function reference(name: unknown, path: FieldPath): Reference | undefined {
  return typeof name === 'string' ? { path, name } : undefined;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array)
    return {};
  return value as Readonly<Record<string, unknown>>;
}
