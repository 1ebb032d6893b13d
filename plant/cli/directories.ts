import { isAbsolute, join, resolve } from 'node:path';
import type { CliEnvironment } from '../../cli/environment.js';

/** The part of the environment that decides where files lie by default. */
export type DirectorySources = Pick<CliEnvironment, 'variables' | 'directory' | 'homeDirectory' | 'userId'>;

/** Data directory of the plant: `--data`, else VMPLANT_DATA, else `plant` below the base. Absolute. */
export function dataDirectory(sources: DirectorySources, flag: string | undefined): string {
  return chosen(sources, flag, sources.variables.VMPLANT_DATA, 'plant');
}

/** Warehouse: `--warehouse`, else VMPLANT_WAREHOUSE, else `warehouse` below the base. Absolute. */
export function warehouseDirectory(sources: DirectorySources, flag: string | undefined): string {
  return chosen(sources, flag, sources.variables.VMPLANT_WAREHOUSE, 'warehouse');
}

/** Where downloaded packages and compiled parts are kept between builds; may be deleted at any time. Absolute. */
export function cacheDirectory(sources: DirectorySources): string {
  const chosen = sources.variables.VMPLANT_CACHE;
  if (chosen !== undefined && chosen !== '') return resolve(sources.directory, chosen);
  if (sources.userId === 0) return '/var/cache/vmplants';
  return join(xdg(sources.variables.XDG_CACHE_HOME) ?? join(sources.homeDirectory, '.cache'), 'vmplants');
}

/**
 * What is below `/var/lib/vmplants` for root, who runs plants as a service, is below `$XDG_DATA_HOME/vmplants`
 * (`~/.local/share/vmplants`) for everybody else.
 */
function chosen(
  sources: DirectorySources,
  flag: string | undefined,
  variable: string | undefined,
  name: string,
): string {
  if (flag !== undefined) return resolve(sources.directory, flag);
  if (variable !== undefined && variable !== '') return resolve(sources.directory, variable);
  if (sources.userId === 0) return join('/var/lib/vmplants', name);
  const base = xdg(sources.variables.XDG_DATA_HOME) ?? join(sources.homeDirectory, '.local', 'share');
  return join(base, 'vmplants', name);
}

/** The XDG specification: relative paths are invalid and to be ignored. */
function xdg(variable: string | undefined): string | undefined {
  return variable !== undefined && isAbsolute(variable) ? variable : undefined;
}
