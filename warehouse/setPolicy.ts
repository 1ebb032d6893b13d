import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { VmplantsError } from '../model/errors.js';
import type { GoldenImage, ImagePolicy, SharedWithDomains } from '../model/goldenImage.js';
import { readDescriptor } from './descriptor.js';
import { syncDirectory } from './durable.js';
import { errnoOf, fileError } from './fileError.js';
import { checkDirectory } from './inspect.js';
import { checkImageName, POLICY_FILE, POLICY_TEMPORARY } from './layout.js';
import { policyText, readPolicy, undecidedPolicy } from './policy.js';

/** A change takes milliseconds; a temporary file as old as this belongs to one that died. */
export const POLICY_STALE_MILLISECONDS = 60_000;
/** How often, and how many times, another one's change is waited for. */
const RETRY_MILLISECONDS = 20;
const RETRIES = 100;

/** A decision about an image. What is not named stays as it is. */
export interface PolicyChange {
  readonly warehouse: string;
  readonly name: string;
  readonly shared?: SharedWithDomains;
  readonly pinned?: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/**
 * Changes what was decided about an image, all or nothing: after it resolves the new policy outlives a power failure,
 * and whoever reads meanwhile finds the old one or the new one. Two changes at once both take effect, whichever
 * processes make them. A damaged policy is replaced as if there had been none.
 *
 * @returns The descriptor with the new policy; a warehouse that is open sees it by itself, or after `refresh`.
 * @throws VmplantsError NOT_FOUND, reason IMAGE_NOT_FOUND; FAILED_PRECONDITION, reason NO_OWNER, when an image that is
 * everybody's is to be shared; ABORTED, reason POLICY_BUSY; as `readDescriptor` does
 */
export async function setPolicy(change: PolicyChange): Promise<GoldenImage> {
  const { name, shared, pinned, signal } = change;
  checkImageName(name);
  const directory = join(resolve(change.warehouse), name);
  await refuseMissing(directory, name);
  const image = await readDescriptor(directory);
  if (shared !== undefined && image.owner === undefined) throw noOwner(name);

  const temporary = join(directory, POLICY_TEMPORARY);
  const handle = await begin(temporary, name, change.now, signal);
  try {
    // Read only now: nobody else can change it any more.
    const before = (await readPolicy(directory)).policy ?? undecidedPolicy(image);
    const policy: ImagePolicy = { shared: shared ?? before.shared, pinned: pinned ?? before.pinned };
    await handle.writeFile(policyText(policy));
    await handle.sync();
    await rename(temporary, join(directory, POLICY_FILE));
    await syncDirectory(directory);
    return { ...image, policy };
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw fileError(thrown, `${name}/${POLICY_FILE}`);
  } finally {
    await handle.close();
  }
}

/** Makes the temporary file, which only one can; waits for another one's change, and takes over from a dead one's. */
async function begin(
  temporary: string,
  name: string,
  now: () => number,
  signal: AbortSignal,
): Promise<FileHandle> {
  for (let attempt = 0; attempt < RETRIES; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await open(temporary, 'wx', 0o644);
    } catch (thrown) {
      if (errnoOf(thrown) !== 'EEXIST') throw fileError(thrown, `${name}/${POLICY_FILE}`);
    }
    if (await isStaleTemporary(temporary, now())) await rm(temporary, { force: true });
    else await wait(RETRY_MILLISECONDS, undefined, { signal });
  }
  throw new VmplantsError('ABORTED', `${name}: somebody else is changing its policy`, {
    reason: 'POLICY_BUSY',
    hint: 'try again in a minute',
  });
}

/** Whether the temporary file of a policy was left by a change that died. False when there is none. */
export async function isStaleTemporary(temporary: string, now: number): Promise<boolean> {
  const stats = await lstat(temporary).catch(() => undefined);
  return stats !== undefined && stats.ctimeMs < now - POLICY_STALE_MILLISECONDS;
}

async function refuseMissing(directory: string, name: string): Promise<void> {
  const stats = await lstat(directory).catch((thrown: unknown) => {
    if (errnoOf(thrown) === 'ENOENT') return undefined;
    throw fileError(thrown, name);
  });
  if (stats === undefined) {
    throw new VmplantsError('NOT_FOUND', `there is no golden image ${name}`, { reason: 'IMAGE_NOT_FOUND' });
  }
  checkDirectory(stats, name);
}

function noOwner(name: string): VmplantsError {
  return new VmplantsError('FAILED_PRECONDITION', `${name} belongs to no client domain: it is everybody's`, {
    reason: 'NO_OWNER',
    hint: 'build or publish an image of your own, and share that',
  });
}
