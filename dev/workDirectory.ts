import { readdirSync, rmSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { VmplantsError } from '../model/errors.js';
import { plantsDirectory } from './clusterPlan.js';
import { endBelow, processesBelow } from './leftProcesses.js';
import { OWNER_FILE, type Ownership, ownerOf, takeOwnership } from './owner.js';
import { removeFiles, usersFiles } from './usedImages.js';

/** Where everything of a cluster lies. */
export interface WorkDirectory {
  readonly path: string;
  /** Whether it outlives the cluster. */
  readonly kept: boolean;
  /** To be called before plants start: what they say there, of the images that they use, goes with the cluster. */
  readonly noteWarehouse: (warehouse: string) => Promise<void>;
  /**
   * Removes it, unless it is kept, and what its plants left in the warehouse, before it returns: also for a program that
   * ends now. To be called when no plant runs any more. Repeatable.
   */
  readonly remove: () => void;
}

/** Names of temporary directories begin so, with the number of the process that made them. */
const PREFIX = 'vmplants-dev-';

/**
 * The directory that is named, which is kept; else a temporary one. What is left of clusters whose program was killed is
 * ended and removed first, and told.
 * @param note takes sentences for people
 * @throws VmplantsError FAILED_PRECONDITION where a cluster runs in the named directory already
 */
export async function openWorkDirectory(
  named: string | undefined,
  temporaryDirectory: string,
  userId: number | undefined,
  note: (text: string) => void,
): Promise<WorkDirectory> {
  if (named !== undefined) {
    await mkdir(named, { recursive: true, mode: 0o700 });
    return openNamed(named, note);
  }
  const { directories, processes } = await sweepDeadClusters(temporaryDirectory, userId);
  if (directories.length > 0) {
    const ended = processes === 0 ? '' : `; killed ${formatProcesses(processes)} of it`;
    note(`removed what an earlier cluster had left: ${directories.join(', ')}${ended}`);
  }
  const path = await mkdtemp(join(temporaryDirectory, `${PREFIX}${process.pid}-`));
  try {
    return await ownedDirectory(path, false);
  } catch (thrown) {
    removeTree(path);
    throw thrown;
  }
}

async function openNamed(path: string, note: (text: string) => void): Promise<WorkDirectory> {
  const owned = await ownedDirectory(path, true);
  const { previous } = owned;
  try {
    if (previous.state === 'dead') {
      // They are nobody's any more.
      const { killed } = await endBelow(plantsDirectory(path));
      if (previous.warehouse !== undefined) removeFiles(usersFiles(path, previous.warehouse));
      if (killed > 0) {
        note(`killed ${formatProcesses(killed)} that an earlier cluster had left in ${path}`);
      }
    }
    const running = processesBelow(plantsDirectory(path)).map(({ pid }) => pid);
    if (running.length === 0) return owned;
    throw new VmplantsError(
      'FAILED_PRECONDITION',
      `${path}: expected nothing to run there; found processes ${running.join(', ')}`,
      { reason: 'DIRECTORY_IN_USE', hint: 'end the cluster that uses it, or name another directory' },
    );
  } catch (thrown) {
    owned.release();
    throw thrown;
  }
}

async function ownedDirectory(
  path: string,
  kept: boolean,
): Promise<WorkDirectory & Pick<Ownership, 'previous' | 'release'>> {
  const { previous, release, noteWarehouse } = await takeOwnership(path, kept);
  let used: string | undefined;
  return {
    ...{ path, kept, previous, release },
    noteWarehouse: async (warehouse) => {
      used = warehouse;
      await noteWarehouse(warehouse);
    },
    remove: () => {
      const files = used === undefined ? [] : usersFiles(path, used);
      try {
        if (!kept) removeTree(path);
      } finally {
        removeFiles(files);
        release();
      }
    },
  };
}

/** What was removed and ended. */
async function sweepDeadClusters(
  temporaryDirectory: string,
  userId: number | undefined,
): Promise<{ readonly directories: readonly string[]; readonly processes: number }> {
  const directories: string[] = [];
  let processes = 0;
  for (const name of await readdir(temporaryDirectory)) {
    if (!name.startsWith(PREFIX)) continue;
    const path = join(temporaryDirectory, name);
    const found = await lstat(path).catch(() => undefined);
    // A directory for temporary files belongs to everybody: only what this user made.
    if (found?.isDirectory() !== true || found.uid !== userId) continue;
    // Another program may remove it at the same time.
    const owner = await ownerOf(path).catch(() => undefined);
    // One without an owner is about to be taken, or no cluster's.
    if (owner?.state !== 'dead' || owner.kept) continue;
    const { killed, left } = await endBelow(plantsDirectory(path));
    processes += killed;
    if (left.length > 0) continue;
    if (owner.warehouse !== undefined) removeFiles(usersFiles(path, owner.warehouse));
    removeTree(path);
    directories.push(path);
  }
  return { directories, processes };
}

/** The owner's record last: as long as anything is left, the next program can tell whose it was. */
function removeTree(path: string): void {
  const options = { recursive: true, force: true, maxRetries: 3 };
  for (const name of namesIn(path)) {
    if (name !== OWNER_FILE) rmSync(join(path, name), options);
  }
  rmSync(path, options);
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function formatProcesses(count: number): string {
  return count === 1 ? '1 process' : `${count} processes`;
}
