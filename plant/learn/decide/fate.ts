import type { KnownImage, LearningBudget, LearningInput } from './learning.js';
import { resumesHere } from './machineFit.js';
import { isOwn } from './madeHere.js';

/** What can become of an image, whatever it is worth. */
export type Fate =
  /** Somebody else made it, or something holds it. `budgeted`: this plant made it, so it takes of its budget. */
  | { readonly kind: 'stays'; readonly budgeted: boolean }
  /** It has no purpose any more. */
  | { readonly kind: 'goes'; readonly reason: string }
  | { readonly kind: 'may-go' };

export function fateOf(known: KnownImage, input: LearningInput): Fate {
  const { image, protectedBy } = known;
  if (!isOwn(known)) return { kind: 'stays', budgeted: false };
  if (protectedBy.length > 0) return { kind: 'stays', budgeted: true };
  if (image.origin === 'learned') return { kind: 'may-go' };
  const parent = input.images.find((other) => other.image.name === image.parent);
  if (parent === undefined) {
    return { kind: 'goes', reason: `the image that it stands for, ${image.parent ?? 'unnamed'}, is gone` };
  }
  if (resumesHere(parent, input)) {
    return {
      kind: 'goes',
      reason: `the image that it stands for, ${parent.image.name}, is resumed here itself`,
    };
  }
  return { kind: 'may-go' };
}

/** What images that must stay leave of the budget to those that may go and those to come; never negative. */
export function budgetLeft(
  budget: LearningBudget,
  images: readonly { readonly bytes: number; readonly fate: Fate }[],
): LearningBudget {
  const held = images.filter(({ fate }) => fate.kind === 'stays' && fate.budgeted);
  const bytes = held.reduce((sum, image) => sum + wholeBytes(image.bytes), 0);
  return { bytes: Math.max(0, budget.bytes - bytes), images: Math.max(0, budget.images - held.length) };
}

/** A size that sums are exact of, and that can be divided by. */
export function wholeBytes(bytes: number): number {
  return Number.isFinite(bytes) ? Math.max(1, Math.ceil(bytes)) : Number.MAX_SAFE_INTEGER;
}
