import { rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { VmplantsError } from '../model/errors.js';
import { syncDirectory } from './durable.js';
import { errnoOf, fileError } from './fileError.js';
import { checkImageName } from './layout.js';
import { listDescriptors, listImageDirectories } from './listDescriptors.js';
import { newTemporaryName } from './temporaryName.js';

export interface RemoveRequest {
  readonly warehouse: string;
  readonly name: string;
  /** Which VMs (their VMIDs) live on which golden image; their disks and memories are in the image's files. */
  readonly inUse: ReadonlyMap<string, readonly string[]>;
  readonly signal: AbortSignal;
}

/**
 * Removes a golden image. Rejects with NOT_FOUND when there is none of that name, and with FAILED_PRECONDITION,
 * naming them, while VMs run on it or other images' disks are backed by it. An image that cannot be used any more
 * can be removed all the same.
 */
export async function removeImage(request: RemoveRequest): Promise<void> {
  const { name, signal } = request;
  const warehouse = resolve(request.warehouse);
  checkImageName(name);
  if (!(await listImageDirectories(warehouse)).includes(name)) {
    throw new VmplantsError('NOT_FOUND', `there is no golden image ${name}`, { reason: 'IMAGE_NOT_FOUND' });
  }
  const over = await dependants(warehouse, name, signal);
  refuseInUse(name, request.inUse.get(name) ?? [], over);
  refuseBacking(name, over);

  const aside = join(warehouse, await newTemporaryName('removed'));
  signal.throwIfAborted();
  try {
    await rename(join(warehouse, name), aside);
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return;
    throw fileError(thrown, name);
  }
  // One that was published over it since the first look: `publish` looks for its base in the same way, so that
  // one of the two gives way.
  const late = await dependants(warehouse, name, signal).catch(() => []);
  if (late.length > 0) {
    await rename(aside, join(warehouse, name));
    refuseBacking(name, late);
  }
  await syncDirectory(warehouse);
  await rm(aside, { recursive: true, force: true });
}

/** Names of the images whose disks are backed by this one. */
async function dependants(warehouse: string, name: string, signal: AbortSignal): Promise<readonly string[]> {
  const { images } = await listDescriptors(warehouse, signal);
  return images.filter((image) => image.disk.backingImage === name).map((image) => image.name);
}

function refuseInUse(name: string, vmids: readonly string[], images: readonly string[]): void {
  if (vmids.length === 0) return;
  const backing = images.length === 0 ? '' : `, and backs the disk of ${listed(images)}`;
  throw new VmplantsError(
    'FAILED_PRECONDITION',
    `${name} cannot be removed: it is in use by ${listed(vmids)}${backing}`,
    {
      reason: 'IMAGE_IN_USE',
      hint:
        images.length === 0 ? 'collect those VMs first' : 'collect those VMs and remove those images first',
    },
  );
}

function refuseBacking(name: string, images: readonly string[]): void {
  if (images.length === 0) return;
  throw new VmplantsError(
    'FAILED_PRECONDITION',
    `${name} cannot be removed: it backs the disk of ${listed(images)}`,
    {
      reason: 'IMAGE_BACKS_OTHERS',
      hint: 'remove those images first',
    },
  );
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).join(', ');
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown;
}
