import { join, resolve } from 'node:path';
import type { GoldenImage } from '../model/goldenImage.js';
import { catalogueOf, EMPTY_CATALOGUE } from './catalogue.js';
import { checkImage, type ImageState } from './checkImage.js';
import { type ImageProblem, listDescriptors, listImageDirectories } from './listDescriptors.js';
import { mapAtOnce } from './mapAtOnce.js';
import { type ImageUsage, imageUsage } from './usage.js';

/** Images looked at together; where contents have to be read, hashing takes one core whatever the number. */
const IMAGES_AT_ONCE = 4;

/** An image of a warehouse, for the people who look after it. */
export interface SurveyedImage {
  readonly image: GoldenImage;
  /**
   * `quarantined`: nothing is cloned from it; why is among the survey's problems. `planning-only`: a descriptor that
   * lists no files and is meant to have none.
   */
  readonly state: 'usable' | 'quarantined' | 'planning-only';
  readonly usage: ImageUsage;
}

/** What is in a warehouse at one moment, whether or not a plant is using it. */
export interface Survey {
  /** Every image whose descriptor can be read, by name. */
  readonly images: readonly SurveyedImage[];
  /** Directories that are no usable image, and why. By name. */
  readonly problems: readonly ImageProblem[];
  /** Images of which it cannot be read what was decided: they count as not shared and not pinned. By name. */
  readonly policyProblems: readonly ImageProblem[];
  readonly totals: ImageUsage;
}

/**
 * Looks at every image as a plant does when it starts: contents are compared with their digests where that was not
 * done since the last write. Rejects when the directory cannot be read, and for the signal.
 */
export async function surveyWarehouse(directory: string, signal: AbortSignal): Promise<Survey> {
  const warehouse = resolve(directory);
  const names = await listImageDirectories(warehouse);
  const states = new Map<string, ImageState>();
  await mapAtOnce(names, IMAGES_AT_ONCE, async (name) => {
    const state = await checkImage(join(warehouse, name), undefined, signal);
    if (state !== undefined) states.set(name, state);
  });
  const { byName, problems } = catalogueOf(states, EMPTY_CATALOGUE);
  const read = await listDescriptors(warehouse, signal);
  const images = await mapAtOnce(read.images, IMAGES_AT_ONCE, async (image): Promise<SurveyedImage> => {
    const unused = image.files.length === 0 ? 'planning-only' : 'quarantined';
    const state = byName.has(image.name) ? 'usable' : unused;
    return { image, state, usage: await usageOf(warehouse, image) };
  });
  return { images, problems, policyProblems: read.policyProblems, totals: totalsOf(images) };
}

/** The base of a quarantined image may be what is missing: then nothing is shared. */
async function usageOf(warehouse: string, image: GoldenImage): Promise<ImageUsage> {
  const directory = join(warehouse, image.name);
  const base = image.disk.backingImage;
  if (base === undefined) return imageUsage({ directory });
  try {
    return await imageUsage({ directory, backingDirectory: join(warehouse, base) });
  } catch {
    return imageUsage({ directory });
  }
}

/**
 * All that the images take, and how much of that is disks that others hang on, each counted once. Pure.
 */
function totalsOf(images: readonly SurveyedImage[]): ImageUsage {
  const shared = new Map<string, number>();
  for (const { image, usage } of images) {
    if (image.disk.backingImage !== undefined) shared.set(image.disk.backingImage, usage.sharedBytes);
  }
  return {
    uniqueBytes: images.reduce((sum, { usage }) => sum + usage.uniqueBytes, 0),
    sharedBytes: [...shared.values()].reduce((sum, bytes) => sum + bytes, 0),
  };
}
