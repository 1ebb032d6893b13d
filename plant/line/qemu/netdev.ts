/**
 * What a virtual network interface is plugged into. The one place that knows: until host-only networks are built,
 * an interface hangs on a hub of its own that leads nowhere.
 */
export interface Netdev {
  readonly type: 'hubport';
  readonly id: string;
  readonly hubid: number;
}

/** @param index position among the machine's interfaces, from 0 */
export function netdevFor(index: number): Netdev {
  return { type: 'hubport', id: `net${index}`, hubid: index };
}
