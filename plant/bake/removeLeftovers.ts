import { removeStale } from '../../warehouse/staging.js';
import type { ProductionLine } from '../line/line.js';
import type { BakeParts } from './bakeParts.js';
import { removeStaleBakes } from './scratch.js';

/**
 * Removes what bakes and publications of processes that are gone have left: machines with their directories, and
 * half-made images that nobody can see. To be called when a plant starts. Gives the names of what was removed.
 */
export async function removeLeftovers(
  parts: Pick<BakeParts, 'scratchRoot' | 'warehouseDirectory' | 'clock'> & {
    readonly lines: readonly ProductionLine[];
  },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const machines = await removeStaleBakes(parts.scratchRoot, parts.lines, signal);
  const unpublished = await removeStale(parts.warehouseDirectory, parts.clock.now());
  return [...machines, ...unpublished.map(({ name }) => name)];
}
