import type { Action } from '../model/action.js';
import type { Dag } from '../model/dag.js';
import type { Order } from '../model/order.js';

/** For everything but the actions: clone, boot under emulation on a loaded host, the ladder's further tries. */
const AROUND_SECONDS = 15 * 60;
/** What the host needs for one of its actions, at most. */
const HOST_ACTION_SECONDS = 60;
/** Below the longest deadline that a call can have. */
const MOST_SECONDS = 20 * 24 * 3600;

/** Milliseconds after which a production of this order is given up: what its actions may take, and a margin. */
export function produceDeadlineMilliseconds(order: Order): number {
  return Math.min(AROUND_SECONDS + dagSeconds(order.dag), MOST_SECONDS) * 1000;
}

function dagSeconds(dag: Dag): number {
  return dag.actions.reduce((sum, action) => sum + actionSeconds(action), 0);
}

function actionSeconds(action: Action): number {
  // An image brings it, or there is no production.
  if (action.kind === 'opaque') return 0;
  const once = action.kind === 'guest' ? action.timeoutSeconds : HOST_ACTION_SECONDS;
  const { retries, handler } = action.onError;
  return once * (retries + 1) + (handler === undefined ? 0 : dagSeconds(handler));
}
