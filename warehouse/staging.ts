import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { VmplantsError } from '../model/errors.js';
import { errnoOf, fileError } from './fileError.js';
import { isOwnerGone, newTemporaryName, parseTemporaryName, type TemporaryKind } from './temporaryName.js';

/** A temporary directory whose maker cannot be asked for (another host, before the last boot) is stale after this. */
export const FOREIGN_STALE_MILLISECONDS = 24 * 60 * 60 * 1000;

/**
 * Makes an empty directory in the warehouse, on its file system, in which an image's files are put together before
 * `publish`. Nobody sees it as an image. It is private (mode 0700) until it is published.
 *
 * @returns Its absolute path. Whoever does not publish it removes it with `discardStaging`.
 */
export async function createStaging(warehouse: string): Promise<string> {
  const directory = join(resolve(warehouse), await newTemporaryName('staging'));
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (thrown) {
    throw fileError(thrown, 'no staging directory can be made in the warehouse');
  }
  return directory;
}

/** Removes a staging directory and what is in it. Repeatable. */
export async function discardStaging(warehouse: string, staging: string): Promise<void> {
  checkStaging(warehouse, staging);
  await rm(staging, { recursive: true, force: true });
}

/** Rejects with INVALID_ARGUMENT unless the path is that of a staging directory of this warehouse. */
export function checkStaging(warehouse: string, staging: string): void {
  const kind = parseTemporaryName(basename(staging))?.kind;
  if (kind === 'staging' && dirname(resolve(staging)) === resolve(warehouse)) return;
  throw new VmplantsError(
    'INVALID_ARGUMENT',
    'expected a directory made by createStaging in this warehouse',
    {
      reason: 'BAD_STAGING',
    },
  );
}

export interface StaleDirectory {
  /** Name in the warehouse. */
  readonly name: string;
  readonly kind: TemporaryKind;
}

/**
 * Temporary directories that a publication or a removal left behind: those whose process is gone, and those of
 * unknown makers in which nothing changed for a day.
 *
 * @param now Milliseconds since the epoch.
 */
export async function findStale(warehouse: string, now: number): Promise<readonly StaleDirectory[]> {
  const found: StaleDirectory[] = [];
  for (const name of (await readdir(warehouse)).sort()) {
    const temporary = parseTemporaryName(name);
    if (temporary === undefined) continue;
    const gone =
      (await isOwnerGone(temporary)) ??
      (await lastChange(join(warehouse, name))) < now - FOREIGN_STALE_MILLISECONDS;
    if (gone) found.push({ name, kind: temporary.kind });
  }
  return found;
}

/** Deletes what `findStale` finds, and answers it. */
export async function removeStale(warehouse: string, now: number): Promise<readonly StaleDirectory[]> {
  const stale = await findStale(warehouse, now);
  for (const { name } of stale) await rm(join(warehouse, name), { recursive: true, force: true });
  return stale;
}

/** Latest change of the directory or of a file in it; milliseconds since the epoch. */
async function lastChange(directory: string): Promise<number> {
  let latest = 0;
  try {
    for (const path of [directory, ...(await readdir(directory)).map((name) => join(directory, name))]) {
      latest = Math.max(latest, (await lstat(path)).ctimeMs);
    }
  } catch (thrown) {
    // It goes away while it is looked at: somebody is at work.
    if (errnoOf(thrown) === 'ENOENT') return Number.POSITIVE_INFINITY;
    throw thrown;
  }
  return latest;
}
