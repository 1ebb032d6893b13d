import { removeImage } from '../../warehouse/remove.js';
import type { Log } from '../log.js';
import { isMadeBy } from './decide/madeHere.js';
import { type Dependants, protectionsOf, usersOf } from './dependants.js';
import type { HidingImages } from './hidingImages.js';

export interface EvictParts {
  readonly warehouseDirectory: string;
  readonly images: HidingImages;
  readonly refresh: () => Promise<void>;
  readonly dependants: () => Dependants;
  /** Id of this plant where several share the warehouse: what another made is not removed. */
  readonly plant?: string | undefined;
  readonly log: Log;
}

/**
 * Removes an image that this plant learned and nothing depends on, and gives whether it did. Nobody can choose it from
 * the moment on in which that was looked at: there is no moment in which one creation reserves what this removes.
 *
 * @throws VmplantsError as `removeImage` does, for example when it was pinned or built upon meanwhile; it is kept then
 */
export async function evict(
  parts: EvictParts,
  name: string,
  reason: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { images } = parts;
  const image = images.get(name)?.descriptor;
  if (image === undefined || !isMadeBy(image, parts.plant)) return false;
  const all = images.images().map(({ descriptor }) => descriptor);
  const dependants = parts.dependants();
  if (protectionsOf(image, all, dependants).length > 0) return false;
  // In the same tick: see above.
  images.hide(name);
  try {
    await removeImage({
      warehouse: parts.warehouseDirectory,
      name,
      inUse: () => usersOf(parts.dependants()),
      plant: parts.plant,
      signal,
    });
    parts.log.info({ image: name, reason }, 'learned image evicted');
    await parts.refresh();
  } finally {
    images.show(name);
  }
  return true;
}

/** Removes a learned image that cannot be used any more: nobody can choose it. Rejects as `removeImage` does. */
export async function evictDamaged(parts: EvictParts, name: string, signal: AbortSignal): Promise<void> {
  await removeImage({
    warehouse: parts.warehouseDirectory,
    name,
    inUse: () => usersOf(parts.dependants()),
    plant: parts.plant,
    signal,
  });
  parts.log.warn({ image: name }, 'learned image removed because it was damaged');
}
