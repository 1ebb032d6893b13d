import type {
  Action,
  ActionFile,
  AfterError,
  ErrorHandling,
  HostOperation,
  ParameterValue,
} from './action.js';
import { actionKey } from './actionKey.js';
import { compareCodeUnits, sha256 } from './canonical.js';
import { createDag, type Dag } from './dag.js';
import { invalidArgument } from './errors.js';
import type { Order } from './order.js';
import { orderDigest } from './orderDigest.js';
import { checkActions } from './schema/actionRules.js';
import { addIssues } from './schema/describeIssue.js';
import { checkGraphs, withinBounds } from './schema/graphRules.js';
import { checkOpaqueActions, checkOpaqueKeys } from './schema/opaqueRules.js';
import { readOutline } from './schema/outline.js';
import { checkPlainValue } from './schema/plainValue.js';
import {
  type CheckedAction,
  type CheckedErrorHandling,
  type CheckedRequest,
  requestSchema,
} from './schema/requestSchema.js';
import { checkSizes } from './schema/sizeRules.js';
import { Violations } from './schema/violations.js';

/**
 * A request in the plain shape (see `schema/requestSchema.ts`) as an Order, the one place where requests are judged.
 * Any value may be given: it becomes an Order, or INVALID_ARGUMENT is thrown with up to 20 violations, each with the
 * path of its field. Fields that are undefined count as absent. A file's `content` may be a text or a Uint8Array.
 * The value is not changed and nothing of it is shared with the Order.
 */
export function createOrder(plain: unknown): Order {
  const violations = new Violations();
  if (!checkPlainValue(plain, violations)) throw invalidArgument(violations.list);
  const outline = readOutline(plain, violations);
  if (!withinBounds(outline.dag, violations)) throw invalidArgument(violations.list);
  const checked = requestSchema.safeParse(plain);
  if (!checked.success) addIssues(checked.error.issues, violations);
  checkGraphs(outline.dag, violations);
  checkActions(outline, violations);
  checkOpaqueActions(outline.dag, violations);
  if (checked.success) checkSizes(checked.data, violations);
  if (!checked.success || violations.list.length > 0) throw invalidArgument(violations.list);
  return buildOrder(checked.data);
}

function buildOrder(request: CheckedRequest): Order {
  const { hardware, operatingSystem } = request;
  const identity = new Map(sortedEntries(request.identity));
  const dag = buildDag(request.actions, identity);
  // Only now, because the keys of the others have just been made.
  const violations = new Violations();
  checkOpaqueKeys(dag.actions, violations);
  if (violations.list.length > 0) throw invalidArgument(violations.list);
  const order: Omit<Order, 'digest'> = {
    hardware: {
      isa: hardware.isa,
      vcpus: hardware.vcpus,
      memoryMiB: hardware.memory,
      diskMiB: hardware.disk,
    },
    operatingSystem: {
      name: operatingSystem.name,
      ...(operatingSystem.version === undefined ? {} : { version: operatingSystem.version }),
      ...(operatingSystem.kernel === undefined ? {} : { kernel: operatingSystem.kernel }),
    },
    network: { kind: request.network },
    dag,
    identity,
    clientDomain: request.clientDomain,
    ...(request.line === undefined ? {} : { line: request.line }),
  };
  return Object.freeze({ ...order, digest: orderDigest(order) });
}

function buildDag(actions: readonly CheckedAction[], identity: ReadonlyMap<string, string>): Dag {
  const after = new Map(actions.map((action) => [action.name, action.after]));
  const result = createDag(
    actions.map((action) => buildAction(action, identity)),
    after,
  );
  if (result.kind === 'dag') return result.dag;
  // The graph rules have found none of this; if they ever differ from createDag, the request is still refused.
  throw invalidArgument([
    { field: 'actions', description: `not a directed acyclic graph (${result.problem.kind})` },
  ]);
}

function buildAction(action: CheckedAction, identity: ReadonlyMap<string, string>): Action {
  const common = {
    name: action.name,
    ...(action.maxAge === undefined ? {} : { maxAgeSeconds: action.maxAge }),
    onError: buildErrorHandling(action.onError, identity),
  };
  if (action.opaque !== undefined) {
    const work = { kind: 'opaque', key: action.opaque } as const;
    return Object.freeze({ ...common, ...work, key: actionKey(work, identity), identity: false });
  }
  if (action.host !== undefined) {
    const work = { kind: 'host', name: action.name, operation: buildOperation(action.host) } as const;
    return Object.freeze({ ...common, ...work, key: actionKey(work, identity), identity: action.identity });
  }
  const parameters = sortedEntries(action.parameters).map(
    ([name, value]) => [name, buildParameter(value)] as const,
  );
  const work = {
    kind: 'guest',
    script: action.script ?? '',
    files: action.files.map(buildFile),
    parameters,
    environment: sortedEntries(action.environment),
  } as const;
  return Object.freeze({
    ...common,
    ...work,
    key: actionKey(work, identity),
    identity: action.identity || parameters.some(([, value]) => value.kind === 'identity'),
    timeoutSeconds: action.timeout,
  });
}

/** An action without `onError`: it is tried once, and its failure ends the creation. */
const UNHANDLED: CheckedErrorHandling = { retries: 0, then: 'abort' };

function buildErrorHandling(
  written: CheckedErrorHandling | undefined,
  identity: ReadonlyMap<string, string>,
): ErrorHandling {
  const { retries, handler, then } = written ?? UNHANDLED;
  return {
    retries,
    ...(handler === undefined ? {} : { handler: buildDag(handler.actions, identity) }),
    then: buildAfterError(then),
  };
}

function buildAfterError(written: CheckedErrorHandling['then']): AfterError {
  return typeof written === 'string' ? { kind: written } : { kind: 'go-on-at', action: written.goOnAt };
}

function buildOperation(written: NonNullable<CheckedAction['host']>): HostOperation {
  if (written.addDisk !== undefined) return { kind: 'add-disk', sizeMiB: written.addDisk.size };
  if (written.attachIso !== undefined) {
    return {
      kind: 'attach-iso',
      label: written.attachIso.label,
      files: written.attachIso.files.map(buildFile),
    };
  }
  return { kind: 'add-network-interface' };
}

function buildFile(file: CheckedAction['files'][number]): ActionFile {
  return { ...file, digest: sha256(file.content) };
}

function buildParameter(written: string | { readonly identity: string }): ParameterValue {
  return typeof written === 'string'
    ? { kind: 'literal', value: written }
    : { kind: 'identity', name: written.identity };
}

function sortedEntries<Value>(map: Readonly<Record<string, Value>>): (readonly [string, Value])[] {
  return Object.entries(map).sort(([a], [b]) => compareCodeUnits(a, b));
}
