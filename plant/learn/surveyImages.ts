import { join } from 'node:path';
import type { GoldenImage, LocatedImage, MemoryState } from '../../model/goldenImage.js';
import { readDescriptor } from '../../warehouse/descriptor.js';
import { allocatedBytes } from '../../warehouse/usage.js';
import { isFrozenUnder } from './decide/chooseRewarm.js';
import type { KnownImage, LearningBudget } from './decide/learning.js';
import { isLearned, isMadeBy, isOwn } from './decide/madeHere.js';
import { type Dependants, protectionsOf } from './dependants.js';

/** What there is at one moment, measured. */
export interface ImageSurvey {
  readonly images: readonly KnownImage[];
  /** Images that this plant learned and that cannot be used any more; they take room all the same. */
  readonly damaged: readonly { readonly name: string; readonly bytes: number }[];
  /** What all images take that this plant learned, damaged ones too. */
  readonly used: LearningBudget;
}

export interface SurveyParts {
  readonly warehouseDirectory: string;
  /** Id of this plant where several share the warehouse. */
  readonly plant: string | undefined;
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
      if (!isMadeBy(await readDescriptor(directory), parts.plant)) return [];
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
      const fails = parts.hasFailed(image) || wasReplaced(image, descriptors, parts.plant);
      return {
        image,
        bytes: measured[index] ?? 0,
        protectedBy: protectionsOf(image, descriptors, dependants),
        ...(fails ? { memoryFails: true } : {}),
        ...(isLearned(image) && !isMadeBy(image, parts.plant) ? { ofOther: true } : {}),
      };
    });
    const all = [...images.filter(isOwn), ...unusable];
    return {
      images,
      damaged: unusable,
      used: { bytes: all.reduce((sum, { bytes }) => sum + bytes, 0), images: all.length },
    };
  };
}

/**
 * Whether this plant made an image of its disk under the very circumstances in which its own memory was frozen: it did
 * so because that memory does not resume here, and that is true after a restart of the plant as well. Pure.
 */
function wasReplaced(image: GoldenImage, all: readonly GoldenImage[], plant: string | undefined): boolean {
  const { memory, name, performed } = image;
  if (memory === undefined) return false;
  return all.some(
    (other) =>
      isMadeBy(other, plant) &&
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
