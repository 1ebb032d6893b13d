import { VmplantsError } from '../../model/errors.js';
import type { Admit } from '../bake/frozenImage.js';
import type { ImageReason, KnownImage, LearningBudget } from './decide/learning.js';
import { isOwn } from './decide/madeHere.js';
import type { ImageSurvey } from './surveyImages.js';

export interface AdmissionParts {
  readonly budget: LearningBudget;
  readonly survey: () => Promise<ImageSurvey>;
  readonly evict: (name: string, reason: string) => Promise<boolean>;
  /** Told of an image that was made and does not fit, so that its size is known from now on. */
  readonly onDiscarded: (image: KnownImage) => void;
}

/**
 * Keeps the budget: lets a new learned image become visible only when its real bytes fit beside those that there are,
 * and removes for it what is worth least; but nothing, where that would not be enough.
 *
 * @param victims those that may go for it, in the order in which they should
 */
export function admission(parts: AdmissionParts, victims: () => readonly ImageReason[]): Admit {
  return async (image, bytes) => {
    const refused = new Set<string>();
    for (;;) {
      const { images, used } = await parts.survey();
      const over = beyond(parts.budget, { bytes: used.bytes + bytes, images: used.images + 1 });
      if (over === undefined) return;
      const known = new Map(images.map((one) => [one.image.name, one]));
      const going = victims().flatMap((victim) => {
        const found = known.get(victim.image);
        const may = found !== undefined && isOwn(found) && found.protectedBy.length === 0;
        return may && !refused.has(victim.image) ? [{ ...victim, bytes: found.bytes }] : [];
      });
      const freed = going.reduce((sum, victim) => sum + victim.bytes, 0);
      const [first] = going;
      if (first === undefined || freed < over.bytes || going.length < over.images) {
        parts.onDiscarded({ image: { ...image, files: [] }, bytes, protectedBy: [] });
        throw new VmplantsError(
          'RESOURCE_EXHAUSTED',
          `${image.name} takes ${bytes} bytes, ${over.bytes} bytes and ${over.images} images more than what is worth less leaves of the budget`,
          { reason: 'OVER_BUDGET' },
        );
      }
      if (!(await parts.evict(first.image, first.reason).catch(() => false))) refused.add(first.image);
    }
  };
}

/** By how much the budget would be exceeded; undefined where it would not. Pure. */
export function beyond(budget: LearningBudget, taken: LearningBudget): LearningBudget | undefined {
  const bytes = Math.max(0, taken.bytes - budget.bytes);
  const images = Math.max(0, taken.images - budget.images);
  return bytes === 0 && images === 0 ? undefined : { bytes, images };
}
