import { readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readDescriptor } from './descriptor.js';
import { fileError } from './fileError.js';
import {
  DESCRIPTOR_FILE,
  DESCRIPTOR_TEMPORARY,
  POLICY_FILE,
  POLICY_TEMPORARY,
  STAMP_FILE,
  USERS_DIRECTORY,
} from './layout.js';
import { listImageDirectories } from './listDescriptors.js';
import { checkFiles, fileReferences } from './references.js';
import { isStaleTemporary } from './setPolicy.js';
import { findStale } from './staging.js';
import { readUsers } from './users.js';
import { entryFile } from './usersEntry.js';

/** Something in a warehouse that belongs to no golden image. */
export interface Garbage {
  /** Path relative to the warehouse. */
  readonly path: string;
  /**
   * `staging`, `removed`: left by a publication or removal that died. `leftover`: a temporary file of the
   * warehouse itself. `orphan`: a file that no descriptor lists. `plant`: says which images a plant uses that was not
   * heard of for `SILENT_MILLISECONDS`, or that cannot be read; those images are not removed for it.
   */
  readonly kind: 'staging' | 'removed' | 'leftover' | 'orphan' | 'plant';
  /** False: it may be somebody's, or VMs may go on running that it stands for; it is reported and never deleted. */
  readonly removable: boolean;
}

export interface GarbageRequest {
  readonly warehouse: string;
  /** True: only say what would be deleted. */
  readonly dryRun: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/** After this a plant may be gone for good. */
export const SILENT_MILLISECONDS = 30 * 24 * 3_600_000;

const OWN_TEMPORARIES: readonly string[] = [DESCRIPTOR_TEMPORARY, POLICY_TEMPORARY, `${STAMP_FILE}.tmp`];

/**
 * Finds what belongs to no golden image and deletes what is surely the warehouse's own. A golden image is never
 * garbage, whether or not anything depends on it, and neither is a directory whose descriptor cannot be read.
 */
export async function collectGarbage(request: GarbageRequest): Promise<readonly Garbage[]> {
  const warehouse = resolve(request.warehouse);
  const garbage: Garbage[] = [];
  try {
    for (const { name, kind } of await findStale(warehouse, request.now)) {
      garbage.push({ path: name, kind, removable: true });
    }
    for (const entry of await readdir(warehouse, { withFileTypes: true })) {
      if (!entry.isDirectory()) garbage.push({ path: entry.name, kind: 'orphan', removable: false });
    }
    for (const name of await listImageDirectories(warehouse)) {
      request.signal.throwIfAborted();
      garbage.push(...(await garbageOfImage(warehouse, name, request.now)));
    }
    garbage.push(...(await garbageOfPlants(warehouse, request.now)));
  } catch (thrown) {
    throw fileError(thrown, 'the warehouse cannot be read');
  }
  if (!request.dryRun) {
    for (const item of garbage) {
      request.signal.throwIfAborted();
      if (item.removable) await rm(join(warehouse, item.path), { recursive: true, force: true });
    }
  }
  return garbage;
}

async function garbageOfPlants(warehouse: string, now: number): Promise<readonly Garbage[]> {
  const { entries, problems } = await readUsers(warehouse);
  const silent = entries.filter(({ seen }) => now - seen > SILENT_MILLISECONDS);
  return [...silent, ...problems].map(({ plant }) => ({
    path: `${USERS_DIRECTORY}/${entryFile(plant)}`,
    kind: 'plant',
    removable: false,
  }));
}

async function garbageOfImage(warehouse: string, name: string, now: number): Promise<readonly Garbage[]> {
  const directory = join(warehouse, name);
  let listed: ReadonlySet<string>;
  try {
    const image = await readDescriptor(directory);
    checkFiles(image);
    listed = new Set([
      DESCRIPTOR_FILE,
      POLICY_FILE,
      STAMP_FILE,
      ...fileReferences(image).map((reference) => reference.path),
    ]);
  } catch {
    return [];
  }
  // The temporary file of a policy stands for the right to change it: a living one is nobody else's to take.
  const changing = !(await isStaleTemporary(join(directory, POLICY_TEMPORARY), now));
  const entries = await readdir(directory);
  return entries
    .filter((entry) => !listed.has(entry) && !(changing && entry === POLICY_TEMPORARY))
    .sort()
    .map((entry) => {
      const own = OWN_TEMPORARIES.includes(entry);
      return { path: `${name}/${entry}`, kind: own ? 'leftover' : 'orphan', removable: own };
    });
}
