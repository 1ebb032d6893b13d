import type { VmRecord } from './info/record.js';
import { networkUse, vmsByDomain } from './network/networks.js';
import type { PlantLimits } from './parts.js';
import type { PlantSnapshot } from './planner/snapshot.js';
import type { PreparedMachine } from './prepare/prepared.js';

/** How loaded the plant is, according to its records. Machines that wait take nothing: they make room when they must. */
export function plantSnapshot(
  records: readonly VmRecord[],
  limits: Pick<PlantLimits, 'maxVms' | 'memoryMiB' | 'networks'>,
  prepared: readonly PreparedMachine[],
): PlantSnapshot {
  const holding = records.filter(({ holds }) => holds);
  const waiting = prepared.filter(({ state }) => state === 'waiting');
  return {
    vms: holding.length,
    maxVms: limits.maxVms,
    usedMemoryMiB: holding.reduce((sum, { vm }) => sum + vm.memoryMiB, 0),
    totalMemoryMiB: limits.memoryMiB,
    networks: { total: limits.networks, byDomain: vmsByDomain(networkUse(records, limits.networks)) },
    prepared: {
      count: waiting.length,
      memoryMiB: waiting.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0),
    },
  };
}
