import { readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readDescriptor } from './descriptor.js';
import { fileError } from './fileError.js';
import { DESCRIPTOR_FILE, STAMP_FILE } from './layout.js';
import { listImageDirectories } from './listDescriptors.js';
import { checkFiles, fileReferences } from './references.js';
import { findStale } from './staging.js';

/** Something in a warehouse that belongs to no golden image. */
export interface Garbage {
  /** Path relative to the warehouse. */
  readonly path: string;
  /**
   * `staging`, `removed`: left by a publication or removal that died. `leftover`: a temporary file of the
   * warehouse itself. `orphan`: a file that no descriptor lists.
   */
  readonly kind: 'staging' | 'removed' | 'leftover' | 'orphan';
  /** False: it may be somebody's, so it is reported and never deleted. */
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
      garbage.push(...(await garbageOfImage(warehouse, name)));
    }
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

async function garbageOfImage(warehouse: string, name: string): Promise<readonly Garbage[]> {
  const directory = join(warehouse, name);
  let listed: ReadonlySet<string>;
  try {
    const image = await readDescriptor(directory);
    checkFiles(image);
    listed = new Set([
      DESCRIPTOR_FILE,
      STAMP_FILE,
      ...fileReferences(image).map((reference) => reference.path),
    ]);
  } catch {
    return [];
  }
  const entries = await readdir(directory);
  return entries
    .filter((entry) => !listed.has(entry))
    .sort()
    .map((entry) => {
      const own = entry === `.${DESCRIPTOR_FILE}.tmp` || entry === `${STAMP_FILE}.tmp`;
      return { path: `${name}/${entry}`, kind: own ? 'leftover' : 'orphan', removable: own };
    });
}
