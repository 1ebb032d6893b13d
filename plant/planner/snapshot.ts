/** What a plant has and what is taken, at one moment: all that a bid depends on besides the order and the images. */
export interface PlantSnapshot {
  /** VMs that are there or being made; prepared machines are none yet. */
  readonly vms: number;
  readonly maxVms: number;
  /** By VMs alone: what prepared machines hold is free for the asking, because they make room. */
  readonly usedMemoryMiB: number;
  /** Memory that VMs may take altogether. */
  readonly totalMemoryMiB: number;
  readonly networks: NetworkSnapshot;
  readonly prepared: PreparedSnapshot;
}

/** Machines that were prepared ahead and wait. They never keep an order from having room: they make way for it. */
export interface PreparedSnapshot {
  readonly count: number;
  readonly memoryMiB: number;
}

/** Host-only networks of a plant (VMPlants paper, section 3.3): each belongs to at most one client domain. */
export interface NetworkSnapshot {
  readonly total: number;
  /** Number of VMs on the network of every client domain that has one here. */
  readonly byDomain: ReadonlyMap<string, number>;
}

/** Whether the client domain would have to be given a host-only network that is now free. */
export function needsNewNetwork(
  snapshot: PlantSnapshot,
  order: { readonly network: { readonly kind: 'host-only' | 'none' }; readonly clientDomain: string },
): boolean {
  return order.network.kind === 'host-only' && !snapshot.networks.byDomain.has(order.clientDomain);
}
