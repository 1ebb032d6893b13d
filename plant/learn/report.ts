import type { LearningBudget, LearningDecision } from './learning.js';

/** What a plant has learned, and what it would do about it now. */
export interface LearningReport {
  readonly enabled: boolean;
  /** The plant that learns in the warehouse in place of this one, where one does. */
  readonly learner?: string | undefined;
  /** How many orders are remembered. */
  readonly orders: number;
  /** What learned images take. */
  readonly used: LearningBudget;
  readonly budget: LearningBudget;
  readonly decision: LearningDecision;
  /** Time that the decision took. */
  readonly decisionSeconds: number;
  /** What is being done in the background now, for people. */
  readonly doing: string | undefined;
}
