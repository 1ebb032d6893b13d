import type { Order } from '../../model/order.js';
import { domainMark, keyMark } from '../../model/plantStatus.js';
import { markNumber } from './keySet.js';

/** What it depends on whom to ask about an order. */
export interface OrderSummary {
  readonly memoryMiB: number;
  /** Mark of the client domain; undefined when the order wants no network. */
  readonly networkOf: string | undefined;
  readonly operatingSystem: { readonly name: string; readonly version?: string };
  /** The production line that it insists on. */
  readonly line: string | undefined;
  /** Marks of the keys that an image may bring, each once. */
  readonly keys: readonly number[];
}

export function summariseOrder(order: Order): OrderSummary {
  const { name, version } = order.operatingSystem;
  const marks = order.dag.actions.flatMap(({ identity, key }) =>
    identity ? [] : [markNumber(keyMark(key))],
  );
  return {
    memoryMiB: order.hardware.memoryMiB,
    networkOf: order.network.kind === 'none' ? undefined : domainMark(order.clientDomain),
    operatingSystem: { name, ...(version === undefined ? {} : { version }) },
    line: order.line,
    keys: [...new Set(marks)],
  };
}
