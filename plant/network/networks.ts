import type { VmRecord } from '../info/record.js';

/**
 * Host-only networks of a plant and who holds them (VMPlants paper, sections 3.3 and 3.4). A network belongs to a
 * client domain while the domain has VMs on it; two domains never share one. Here networks are only counted and
 * assigned; what makes one on the host lies behind this.
 */
export interface NetworkUse {
  /** Networks that the plant has. */
  readonly total: number;
  /** For every network held: its number, from 0, its domain, and how many VMs are on it. */
  readonly held: readonly HeldNetwork[];
}

export interface HeldNetwork {
  readonly network: number;
  readonly clientDomain: string;
  readonly vms: number;
}

/** Who holds which network, according to the records. */
export function networkUse(records: readonly VmRecord[], total: number): NetworkUse {
  const held = new Map<number, HeldNetwork>();
  for (const record of records) {
    if (!record.holds || record.network === undefined) continue;
    const before = held.get(record.network);
    held.set(record.network, {
      network: record.network,
      clientDomain: record.vm.clientDomain,
      vms: (before?.vms ?? 0) + 1,
    });
  }
  return { total, held: [...held.values()].sort((a, b) => a.network - b.network) };
}

/** The network that a new VM of the domain goes to: the domain's own, else the lowest free one, else none. */
export function assignNetwork(
  use: NetworkUse,
  clientDomain: string,
): { readonly kind: 'assigned'; readonly network: number } | { readonly kind: 'none-free' } {
  const own = use.held.find((held) => held.clientDomain === clientDomain);
  if (own !== undefined) return { kind: 'assigned', network: own.network };
  const taken = new Set(use.held.map((held) => held.network));
  for (let network = 0; network < use.total; network += 1) {
    if (!taken.has(network)) return { kind: 'assigned', network };
  }
  return { kind: 'none-free' };
}

/** VMs on networks by client domain, as the planner's snapshot wants it. */
export function vmsByDomain(use: NetworkUse): ReadonlyMap<string, number> {
  return new Map(use.held.map((held) => [held.clientDomain, held.vms]));
}
