import type { GoldenImage } from '../../../model/goldenImage.js';
import type { KnownImage } from './learning.js';

/** Whether a plant made it of its own accord: this one, or another on the warehouse. Pure. */
export function isLearned({ origin }: Pick<GoldenImage, 'origin'>): boolean {
  return origin === 'learned' || origin === 'rewarmed';
}

/**
 * Whether the plant of that id made it of its own accord. Only such images take of its budget, and it removes no others.
 * Without an id it is those that name no plant. Pure.
 */
export function isMadeBy(image: Pick<GoldenImage, 'origin' | 'madeBy'>, plant: string | undefined): boolean {
  return isLearned(image) && image.madeBy === plant;
}

/** The same of a surveyed image, for the plant that surveyed it. Pure. */
export function isOwn({ image, ofOther }: Pick<KnownImage, 'image' | 'ofOther'>): boolean {
  return isLearned(image) && ofOther !== true;
}
