import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import type { CliEnvironment } from '../cli/environment.js';
import { plantData, plantsDirectory } from './clusterPlan.js';

/** What plants find their warehouse by. */
export interface WarehouseSources {
  /** As the cluster gives it to every plant; absent: nothing. */
  readonly warehouse: string | undefined;
  /** More arguments for every plant, which come last. */
  readonly plantArguments: readonly string[];
  readonly environment: Pick<CliEnvironment, 'variables' | 'directory' | 'homeDirectory' | 'userId'>;
}

const FLAG = '--warehouse';
/** The id of a plant, as it is read from its data directory: it becomes part of a path. */
const PLANT_ID = /^[a-z0-9][a-z0-9.-]*-[0-9a-f]{16}$/;

/** The warehouse that the plants of a cluster use, as `plant/cli/directories.ts` finds it. Absolute; pure. */
export function usedWarehouse({ warehouse, plantArguments, environment }: WarehouseSources): string {
  const { variables, directory, homeDirectory, userId } = environment;
  const flags = plantArguments.flatMap((argument, at) => {
    if (argument === FLAG) return plantArguments.slice(at + 1, at + 2);
    return argument.startsWith(`${FLAG}=`) ? [argument.slice(FLAG.length + 1)] : [];
  });
  const named = flags.at(-1) ?? warehouse ?? (variables.VMPLANT_WAREHOUSE || undefined);
  if (named !== undefined) return resolve(directory, named);
  if (userId === 0) return '/var/lib/vmplants/warehouse';
  const { XDG_DATA_HOME: xdg } = variables;
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : join(homeDirectory, '.local', 'share');
  return join(base, 'vmplants', 'warehouse');
}

/**
 * The files by which the plants of a cluster say in the warehouse that they use images: `.users/PLANT.json`. A plant
 * that is killed leaves its own, and while it is there nobody can remove those images.
 * @param directory that of the cluster, which holds the plants' ids
 */
export function usersFiles(directory: string, warehouse: string): readonly string[] {
  return namesIn(plantsDirectory(directory)).flatMap((name) => {
    const id = readOptional(join(plantData(directory, name), 'plant-id')).trimEnd();
    if (!PLANT_ID.test(id)) return [];
    return [`${id}.json`, `.${id}.json.tmp`].map((file) => join(warehouse, '.users', file));
  });
}

/** Removes such files, once no plant that writes them runs any more. What may not be removed stays. */
export function removeFiles(files: readonly string[]): void {
  for (const file of files) {
    try {
      rmSync(file, { force: true });
    } catch {
      // A warehouse that cannot be written to: it was none of ours then.
    }
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function readOptional(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
