import { existsSync, rmSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { VmplantsError } from '../model/errors.js';
import { plantsDirectory } from './clusterPlan.js';
import { endBelow, processesBelow } from './leftProcesses.js';

/** Where everything of a cluster lies. */
export interface WorkDirectory {
  readonly path: string;
  /** Whether it outlives the cluster. */
  readonly kept: boolean;
  /** Removes it, unless it is kept. */
  readonly remove: () => Promise<void>;
  /** As `remove`, before it returns: for a program that ends now. */
  readonly removeNow: () => void;
}

/** Names of temporary directories begin so, with the number of the process that made them. */
const PREFIX = 'vmplants-dev-';

/**
 * The directory that is named, which is kept; else a temporary one. What is left of clusters whose program was killed is
 * ended and removed first.
 * @throws VmplantsError FAILED_PRECONDITION where plants run in the named directory already
 */
export async function openWorkDirectory(
  named: string | undefined,
  temporaryDirectory: string,
  userId: number | undefined,
): Promise<WorkDirectory> {
  if (named !== undefined) {
    await mkdir(named, { recursive: true, mode: 0o700 });
    const running = processesBelow(plantsDirectory(named)).map(({ pid }) => pid);
    if (running.length > 0) {
      throw new VmplantsError(
        'FAILED_PRECONDITION',
        `${named}: expected nothing to run there; found processes ${running.join(', ')}`,
        { reason: 'DIRECTORY_IN_USE', hint: 'end the cluster that uses it, or name another directory' },
      );
    }
    return { path: named, kept: true, remove: async () => {}, removeNow: () => {} };
  }
  await sweepDeadClusters(temporaryDirectory, userId);
  const path = await mkdtemp(join(temporaryDirectory, `${PREFIX}${process.pid}-`));
  return {
    path,
    kept: false,
    remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
    removeNow: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}

async function sweepDeadClusters(temporaryDirectory: string, userId: number | undefined): Promise<void> {
  for (const name of await readdir(temporaryDirectory)) {
    const owner = name.startsWith(PREFIX) ? /^\d+(?=-)/.exec(name.slice(PREFIX.length))?.[0] : undefined;
    if (owner === undefined || existsSync(`/proc/${owner}`)) continue;
    const path = join(temporaryDirectory, name);
    const found = await lstat(path).catch(() => undefined);
    // A directory for temporary files belongs to everybody: only what this user made.
    if (found?.isDirectory() !== true || found.uid !== userId) continue;
    await endBelow(plantsDirectory(path));
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}
