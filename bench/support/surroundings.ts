import { join } from 'node:path';
import type { Programs } from '../../dev/programs.js';

/** What measurements with real VMs need to know of where they run. */
export interface Surroundings {
  readonly programs: Programs;
  /** Absolute directory that is kept between runs: images, and packages that were downloaded for them. */
  readonly keptDirectory: string;
  /** Parent of the directories that everything else lies in and that are removed at the end. */
  readonly temporaryDirectory: string;
  /** Environment of the tools that assemble disks; `PATH` at least. */
  readonly toolEnvironment: Readonly<Record<string, string>>;
  /** Where pictures of results are written; absent: they are not. */
  readonly docsDirectory?: string;
}

/** The same warehouse as the quickstart's. */
export function warehouseOf({ keptDirectory }: Surroundings): string {
  return join(keptDirectory, 'warehouse');
}

/** Images that only measurements use. */
export function benchWarehouseOf({ keptDirectory }: Surroundings): string {
  return join(keptDirectory, 'bench', 'warehouse');
}

/** Downloads. */
export function cacheOf({ keptDirectory }: Surroundings): string {
  return join(keptDirectory, 'cache');
}
