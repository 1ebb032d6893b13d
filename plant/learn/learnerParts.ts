import type { LineEnvironment } from '../../model/lineEnvironment.js';
import type { BakeParts } from '../bake/bakeParts.js';
import type { OrderHistory } from '../info/orderHistory.js';
import type { DecisionData } from './decide/decisionData.js';
import type { LearningBudget, LearningDecision } from './decide/learning.js';
import type { Dependants } from './dependants.js';
import type { HidingImages } from './hidingImages.js';

/** What learning is done with. */
export interface LearnerParts {
  /** False: it decides when asked, but does nothing of it. So it is where it is unable to. */
  readonly enabled: boolean;
  /** Id of this plant where several share the warehouse: what it makes is marked with it, and it removes nothing else. */
  readonly plant?: string | undefined;
  readonly bake: BakeParts;
  /** Production lines of the plant, the one that bakes first. */
  readonly lines: readonly LineEnvironment[];
  /** Why it can learn nothing, whatever it would like to; absent where it can. For people. */
  readonly unable?: string | undefined;
  /** What the plant plans with: an image that is being evicted is hidden here first. */
  readonly images: HidingImages;
  /** The same images, as they are on disk. */
  readonly warehouse: {
    readonly refresh: () => Promise<void>;
    readonly problems: () => readonly { readonly name: string }[];
  };
  readonly history: OrderHistory;
  /** For what this plant makes; each of several plants has its own. */
  readonly budget: LearningBudget;
  readonly dependants: () => Dependants;
  /** At least so long from one decision to the next. */
  readonly decideEveryMilliseconds: number;
  /** How it decides; `decideAside` unless given. */
  readonly decide?: (data: DecisionData, signal: AbortSignal) => Promise<LearningDecision>;
}
