import { decideLearning } from './decideLearning.js';
import type { KnownImage, LearningDecision, LearningInput } from './learning.js';
import { createEstimate, measureSizes } from './sizeModel.js';

/** A learning input without its function: data alone, which can cross to another thread. */
export interface DecisionData extends Omit<LearningInput, 'estimateBytes'> {
  /** Images that there are not, but whose size is known: they were made, and discarded for it. */
  readonly discarded: readonly KnownImage[];
}

/** Pure. */
export function decideOnData(data: DecisionData): LearningDecision {
  const estimateBytes = createEstimate(measureSizes([...data.images, ...data.discarded]));
  return decideLearning({ ...data, estimateBytes });
}
