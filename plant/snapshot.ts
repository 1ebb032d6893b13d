import type { VmRecord } from './info/record.js';
import { networkUse, vmsByDomain } from './network/networks.js';
import type { PlantLimits } from './parts.js';
import type { PlantSnapshot } from './planner/snapshot.js';

/** How loaded the plant is, according to its records. */
export function plantSnapshot(
  records: readonly VmRecord[],
  limits: Pick<PlantLimits, 'maxVms' | 'memoryMiB' | 'networks'>,
): PlantSnapshot {
  const holding = records.filter(({ holds }) => holds);
  return {
    vms: holding.length,
    maxVms: limits.maxVms,
    usedMemoryMiB: holding.reduce((sum, { vm }) => sum + vm.memoryMiB, 0),
    totalMemoryMiB: limits.memoryMiB,
    networks: { total: limits.networks, byDomain: vmsByDomain(networkUse(records, limits.networks)) },
  };
}
