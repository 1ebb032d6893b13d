import type { LearningBudget, LearningDecision } from './decide/learning.js';

/** What a plant has learned, and what it would do about it now. */
export interface LearningReport {
  readonly enabled: boolean;
  /** Why it can learn nothing, whatever it would like to; absent where it can. For people. */
  readonly unable?: string;
  /** How many orders are remembered. */
  readonly orders: number;
  /** What the images take that it learned. */
  readonly used: LearningBudget;
  readonly budget: LearningBudget;
  readonly decision: LearningDecision;
  /** Time that the decision took. */
  readonly decisionSeconds: number;
  /** What is being done in the background now, for people. */
  readonly doing: string | undefined;
}
