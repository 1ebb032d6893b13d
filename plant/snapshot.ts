import type { VmRecord } from './info/record.js';
import { networkUse, vmsByDomain } from './network/networks.js';
import type { PlantLimits } from './parts.js';
import type { PlantSnapshot } from './planner/snapshot.js';
import type { PreparedMachine } from './prepare/prepared.js';
import type { Place } from './reservations.js';

/**
 * How loaded the plant is, according to its records and to what is held for VMs that are about to come: a place held
 * is a place taken. Machines that wait take nothing: they make room when they must.
 */
export function plantSnapshot(
  records: readonly VmRecord[],
  limits: Pick<PlantLimits, 'maxVms' | 'memoryMiB' | 'networks'>,
  prepared: readonly PreparedMachine[],
  reserved: readonly Place[],
): PlantSnapshot {
  const holding = records.filter(({ holds }) => holds);
  const waiting = prepared.filter(({ state }) => state === 'waiting');
  return {
    vms: holding.length + reserved.length,
    maxVms: limits.maxVms,
    usedMemoryMiB: sumOfMemory(holding.map(({ vm }) => vm)) + sumOfMemory(reserved),
    totalMemoryMiB: limits.memoryMiB,
    networks: {
      total: limits.networks,
      byDomain: withReserved(vmsByDomain(networkUse(records, limits.networks)), reserved),
    },
    prepared: {
      count: waiting.length,
      memoryMiB: sumOfMemory(waiting),
    },
  };
}

/** The first VM of a domain takes a network, and so does the place that is held for it. */
function withReserved(
  byDomain: ReadonlyMap<string, number>,
  reserved: readonly Place[],
): ReadonlyMap<string, number> {
  const all = new Map(byDomain);
  for (const { network, clientDomain } of reserved) {
    if (network.kind === 'host-only') all.set(clientDomain, (all.get(clientDomain) ?? 0) + 1);
  }
  return all;
}

function sumOfMemory(held: readonly { readonly memoryMiB: number }[]): number {
  return held.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0);
}
