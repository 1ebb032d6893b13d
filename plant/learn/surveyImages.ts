import { join } from 'node:path';
import type { GoldenImage, LocatedImage, MemoryState } from '../../model/goldenImage.js';
import { readDescriptor } from '../../warehouse/descriptor.js';
import { allocatedBytes } from '../../warehouse/usage.js';
import { isFrozenUnder } from './chooseRewarm.js';
import { type Dependants, protectionsOf } from './dependants.js';
import type { KnownImage, LearningBudget } from './learning.js';

/** What there is at one moment, measured. */
export interface ImageSurvey {
  readonly images: readonly KnownImage[];
  /** Learned images that cannot be used any more; they take room all the same. */
  readonly damaged: readonly { readonly name: string; readonly bytes: number }[];
  /** What all learned images take, damaged ones too. */
  readonly used: LearningBudget;
}

export interface SurveyParts {
  readonly warehouseDirectory: string;
  readonly images: () => readonly LocatedImage[];
  readonly problems: () => readonly { readonly name: string }[];
  readonly dependants: () => Dependants;
  /** Whether a clone of its memory has failed. */
  readonly hasFailed: (image: GoldenImage) => boolean;
}

/** Measures images by what they take on the disk. An image that goes meanwhile counts as none. */
export function createSurvey(parts: SurveyParts): () => Promise<ImageSurvey> {
  // An image never changes, but what was decided about it does: it is then another descriptor.
  const sizes = new WeakMap<GoldenImage, number>();
  const sizeOf = async ({ descriptor, directory }: LocatedImage): Promise<number> => {
    const known = sizes.get(descriptor);
    if (known !== undefined) return known;
    const bytes = await allocatedBytes(directory);
    sizes.set(descriptor, bytes);
    return bytes;
  };
  const damaged = async (name: string): Promise<readonly { name: string; bytes: number }[]> => {
    const directory = join(parts.warehouseDirectory, name);
    try {
      if (!isLearned(await readDescriptor(directory))) return [];
      return [{ name, bytes: await allocatedBytes(directory) }];
    } catch {
      return [];
    }
  };
  return async () => {
    const located = parts.images();
    const problems = parts.problems();
    const measured = await Promise.all(located.map((image) => sizeOf(image).catch(() => 0)));
    const unusable = (await Promise.all(problems.map(({ name }) => damaged(name)))).flat();
    const descriptors = located.map(({ descriptor }) => descriptor);
    // Asked after all that takes time, so that it is true when it is answered.
    const dependants = parts.dependants();
    const images = descriptors.map((image, index): KnownImage => {
      const fails = parts.hasFailed(image) || wasReplaced(image, descriptors);
      return {
        image,
        bytes: measured[index] ?? 0,
        protectedBy: protectionsOf(image, descriptors, dependants),
        ...(fails ? { memoryFails: true } : {}),
      };
    });
    const learned = images.filter(({ image }) => isLearned(image));
    const all = [...learned, ...unusable];
    return {
      images,
      damaged: unusable,
      used: { bytes: all.reduce((sum, { bytes }) => sum + bytes, 0), images: all.length },
    };
  };
}

/** Whether the plant made it of itself, and may remove it. Pure. */
export function isLearned({ origin }: Pick<GoldenImage, 'origin'>): boolean {
  return origin === 'learned' || origin === 'rewarmed';
}

/**
 * Whether the plant made an image of its disk under the very circumstances in which its own memory was frozen: it did
 * so because that memory does not resume, and that is true after a restart of the plant as well. Pure.
 */
function wasReplaced(image: GoldenImage, all: readonly GoldenImage[]): boolean {
  const { memory, name, performed } = image;
  if (memory === undefined) return false;
  return all.some(
    (other) =>
      isLearned(other) &&
      other.parent === name &&
      other.performed.length === performed.length &&
      other.memory !== undefined &&
      isSameMachine(other.memory, memory) &&
      isFrozenUnder(other.memory, memory),
  );
}

function isSameMachine(one: MemoryState, other: MemoryState): boolean {
  return one.memoryMiB === other.memoryMiB && one.vcpus === other.vcpus && one.network === other.network;
}
