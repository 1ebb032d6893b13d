import type { KnownImage, LearningInput } from './learning.js';

/**
 * What is known of the sizes of images, as plain data, so that it can cross to another thread; `createEstimate` makes
 * the function of it that a decision asks.
 */
interface SizeData {
  /** Expected bytes of the frozen memory and all else that no action is to blame for, by size of memory in MiB. */
  readonly memoryBytes: ReadonlyMap<number, number>;
  /** Expected bytes that an action leaves on the disk, by key. */
  readonly actionBytes: ReadonlyMap<string, number>;
}

/** A quarter of a memory is expected to hold something where no image tells: what a booted Debian has touched. */
const TOUCHED_MEMORY = 0.25;
/** What an action is expected to write where no image tells. */
const DEFAULT_ACTION_BYTES = 16 * 1024 * 1024;
const MIB = 1024 * 1024;
/** How far each look at an image moves the expectations towards what it measures. */
const SWEEPS = 20;

/** The estimate that these sizes give: memory and actions simply add up. Pure. */
export function createEstimate(sizes: SizeData): LearningInput['estimateBytes'] {
  return (profile, keys) => {
    const { memoryMiB } = profile.hardware;
    let bytes = sizes.memoryBytes.get(memoryMiB) ?? memoryMiB * MIB * TOUCHED_MEMORY;
    for (const key of keys) bytes += sizes.actionBytes.get(key) ?? DEFAULT_ACTION_BYTES;
    return Math.ceil(bytes);
  };
}

/**
 * Sizes of memories and actions that explain the sizes of the images which there are: every image's misfit is shared
 * out among what it is made of, again and again (Kaczmarz's method, which finds the explanation nearest to what is
 * expected where nothing is measured). Images that other images hang on are bases and tell nothing. Does not depend
 * on the order of the images.
 */
export function measureSizes(images: readonly KnownImage[]): SizeData {
  const memoryBytes = new Map<number, number>();
  const actionBytes = new Map<string, number>();
  const samples = images
    .filter(({ image }) => image.memory !== undefined && image.disk.backingImage !== undefined)
    .sort((first, second) => (first.image.name < second.image.name ? -1 : 1));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const { image, bytes } of samples) {
      const memoryMiB = image.memory?.memoryMiB ?? 0;
      const memory = memoryBytes.get(memoryMiB) ?? memoryMiB * MIB * TOUCHED_MEMORY;
      const parts = image.performed.map(({ key }) => actionBytes.get(key) ?? DEFAULT_ACTION_BYTES);
      const expected = parts.reduce((sum, part) => sum + part, memory);
      const share = (bytes - expected) / (image.performed.length + 1);
      memoryBytes.set(memoryMiB, Math.max(0, memory + share));
      image.performed.forEach(({ key }, place) => {
        actionBytes.set(key, Math.max(0, (parts[place] ?? 0) + share));
      });
    }
  }
  return { memoryBytes, actionBytes };
}
