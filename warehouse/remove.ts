import { rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { VmplantsError } from '../model/errors.js';
import { syncDirectory } from './durable.js';
import { errnoOf, fileError } from './fileError.js';
import { checkImageName } from './layout.js';
import { listDescriptors, listImageDirectories } from './listDescriptors.js';
import { readPolicy } from './policy.js';
import { newTemporaryName } from './temporaryName.js';
import { usedElsewhere } from './users.js';

export interface RemoveRequest {
  readonly warehouse: string;
  readonly name: string;
  /**
   * What lives on which golden image at this moment, as the plant that removes knows it: VMIDs of VMs, and names of
   * machines that wait prepared. Their disks and memories are in the image's files.
   */
  readonly inUse: () => ReadonlyMap<string, readonly string[]>;
  /** Id of that plant: of it `inUse` counts, not what it said in the warehouse. */
  readonly plant?: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Removes a golden image. Rejects with NOT_FOUND when there is none of that name, and with FAILED_PRECONDITION,
 * naming them, while VMs run on it or prepared machines wait on it, here or on another plant (reason IMAGE_IN_USE), or
 * other images' disks are backed by it (IMAGE_BACKS_OTHERS), while it is pinned (IMAGE_PINNED), and while it cannot be
 * read what another plant uses (BAD_USERS). An image that cannot be used any more can be removed all the same.
 */
export async function removeImage(request: RemoveRequest): Promise<void> {
  const { name, signal } = request;
  const warehouse = resolve(request.warehouse);
  checkImageName(name);
  if (!(await listImageDirectories(warehouse)).includes(name)) {
    throw new VmplantsError('NOT_FOUND', `there is no golden image ${name}`, { reason: 'IMAGE_NOT_FOUND' });
  }
  const over = await dependants(warehouse, name, signal);
  const users = (): Promise<readonly string[]> => usersOf(request, warehouse);
  refuseInUse(name, await users(), over);
  refuseBacking(name, over);
  await refusePinned(name, join(warehouse, name));

  const aside = join(warehouse, await newTemporaryName('removed'));
  signal.throwIfAborted();
  try {
    await rename(join(warehouse, name), aside);
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return;
    throw fileError(thrown, name);
  }
  // One that was published over it, a pin that was set, or a plant that began to use it, since the first look.
  // `publish` looks for its base and a plant for its image in the same way, so that one of the two gives way.
  try {
    const late = await dependants(warehouse, name, signal).catch(() => []);
    refuseInUse(name, await users(), late);
    refuseBacking(name, late);
    await refusePinned(name, aside);
  } catch (thrown) {
    await rename(aside, join(warehouse, name));
    throw thrown;
  }
  await syncDirectory(warehouse);
  await rm(aside, { recursive: true, force: true });
}

/** Whatever lives on the image, on any plant. */
async function usersOf(request: RemoveRequest, warehouse: string): Promise<readonly string[]> {
  const elsewhere = await usedElsewhere(warehouse, request.plant);
  return [...(request.inUse().get(request.name) ?? []), ...(elsewhere.get(request.name) ?? [])];
}

/** Names of the images whose disks are backed by this one. */
async function dependants(warehouse: string, name: string, signal: AbortSignal): Promise<readonly string[]> {
  const { images } = await listDescriptors(warehouse, signal);
  return images.filter((image) => image.disk.backingImage === name).map((image) => image.name);
}

function refuseInUse(name: string, users: readonly string[], images: readonly string[]): void {
  if (users.length === 0) return;
  const backing = images.length === 0 ? '' : `, and backs the disk of ${listed(images)}`;
  const waiting = users.some((user) => user.startsWith('prepared-')) ? WAITING : '';
  throw new VmplantsError(
    'FAILED_PRECONDITION',
    `${name} cannot be removed: it is in use by ${listed(users)}${backing}`,
    {
      reason: 'IMAGE_IN_USE',
      hint:
        images.length === 0
          ? `collect those VMs first${waiting}${LINGERS}`
          : `collect those VMs and remove those images first${waiting}${LINGERS}`,
    },
  );
}

const WAITING = '; prepared machines end when their plant stops, or serves with --prepare-memory 0';
const LINGERS = '; a plant that runs lets go of an image some minutes after its last VM';

async function refusePinned(name: string, directory: string): Promise<void> {
  if ((await readPolicy(directory)).policy?.pinned !== true) return;
  throw new VmplantsError('FAILED_PRECONDITION', `${name} cannot be removed: it is pinned`, {
    reason: 'IMAGE_PINNED',
    hint: 'unpin it first',
  });
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
