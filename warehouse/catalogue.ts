import { asVmplantsError, VmplantsError } from '../model/errors.js';
import type { GoldenImage, LocatedImage } from '../model/goldenImage.js';
import { locateImage } from './backing.js';
import type { ImageState } from './checkImage.js';
import type { ImageProblem } from './listDescriptors.js';

/** What a warehouse holds at one moment. Never changes: the next moment has another. */
export interface Catalogue {
  /** The images that can be used, by name. */
  readonly images: readonly LocatedImage[];
  readonly byName: ReadonlyMap<string, LocatedImage>;
  /** Directories that are not usable images, by name. */
  readonly problems: readonly ImageProblem[];
  /** Images that can be used, but of which it cannot be read what was decided: they count as not shared. By name. */
  readonly policyProblems: readonly ImageProblem[];
}

export const EMPTY_CATALOGUE: Catalogue = {
  images: [],
  byName: new Map(),
  problems: [],
  policyProblems: [],
};

/**
 * The catalogue of the given states. Pure. An image whose base cannot be used cannot be used either. An image
 * that did not change keeps its object from the catalogue before, so that what others derived from it stays valid.
 */
export function catalogueOf(states: ReadonlyMap<string, ImageState>, before: Catalogue): Catalogue {
  const images: LocatedImage[] = [];
  const problems: ImageProblem[] = [];
  const policyProblems: ImageProblem[] = [];
  for (const name of [...states.keys()].sort()) {
    const state = states.get(name);
    if (state === undefined) continue;
    if (state.kind === 'bad') {
      problems.push({ name, error: state.error });
      continue;
    }
    const { policyProblem } = state.image;
    if (policyProblem !== undefined) policyProblems.push({ name, error: policyProblem });
    const base = states.get(state.image.descriptor.disk.backingImage ?? '');
    if (base?.kind === 'bad') {
      problems.push({ name, error: baseInQuarantine(state.image.descriptor, base.error) });
      continue;
    }
    try {
      const located = locateImage(state.image, base?.image.descriptor);
      const known = before.byName.get(name);
      images.push(known?.descriptor === located.descriptor ? known : Object.freeze(located));
    } catch (thrown) {
      problems.push({ name, error: asVmplantsError(thrown) });
    }
  }
  return {
    images: Object.freeze(images),
    byName: new Map(images.map((image) => [image.descriptor.name, image])),
    problems: Object.freeze(problems),
    policyProblems: Object.freeze(policyProblems),
  };
}

/** All that hangs on a disk goes out of use with it, and says why. */
function baseInQuarantine(image: GoldenImage, cause: VmplantsError): VmplantsError {
  const base = image.disk.backingImage ?? '';
  return new VmplantsError(
    'FAILED_PRECONDITION',
    `${image.name}: its disk hangs on ${base}, which cannot be used: ${cause.message}`,
    { reason: 'BASE_UNUSABLE', cause, hint: `repair ${base}, or remove both` },
  );
}

/** Whether both hold the same images, by identity. Pure. */
export function hasSameImages(left: Catalogue, right: Catalogue): boolean {
  return (
    left.images.length === right.images.length && left.images.every((image, i) => image === right.images[i])
  );
}
