import type { Action } from './action.js';
import { type CanonicalValue, canonicalJson, compareCodeUnits, sha256 } from './canonical.js';
import type { Dag } from './dag.js';
import type { Order } from './order.js';

const DIGEST_FORMAT = 'vmplants-order/1';

/**
 * SHA-256 (hexadecimal) over the whole order in canonical form. What an action does is in by its key; the order in
 * which predecessors are listed, and the format that the request was written in, are not in.
 */
export function orderDigest(order: Omit<Order, 'digest'>): string {
  return sha256(
    canonicalJson({
      format: DIGEST_FORMAT,
      hardware: { ...order.hardware },
      operatingSystem: { ...order.operatingSystem },
      network: order.network.kind,
      clientDomain: order.clientDomain,
      line: order.line,
      identity: [...order.identity].sort(([a], [b]) => compareCodeUnits(a, b)),
      dag: dagForm(order.dag),
    }),
  );
}

function dagForm(dag: Dag): CanonicalValue {
  return dag.actions.map((action) => ({
    ...actionForm(action),
    after: [...(dag.predecessors.get(action.name) ?? [])].sort(compareCodeUnits),
  }));
}

function actionForm(action: Action): { readonly [field: string]: CanonicalValue } {
  const { retries, handler, then } = action.onError;
  return {
    name: action.name,
    key: action.key,
    // Else an opaque action would pass for a host action of its key. Absent for all others, whose digests it keeps.
    opaque: action.kind === 'opaque' ? true : undefined,
    identity: action.identity,
    maxAgeSeconds: action.maxAgeSeconds,
    timeoutSeconds: action.kind === 'guest' ? action.timeoutSeconds : undefined,
    retries,
    handler: handler === undefined ? undefined : dagForm(handler),
    afterError: then.kind === 'go-on-at' ? { goOnAt: then.action } : then.kind,
  };
}
