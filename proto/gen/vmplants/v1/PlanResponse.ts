// Original file: proto/vmplants/v1/shop.proto

import type { Plan as _vmplants_v1_Plan, Plan__Output as _vmplants_v1_Plan__Output } from '../../vmplants/v1/Plan.js';
import type { Bid as _vmplants_v1_Bid, Bid__Output as _vmplants_v1_Bid__Output } from '../../vmplants/v1/Bid.js';
import type { Refusal as _vmplants_v1_Refusal, Refusal__Output as _vmplants_v1_Refusal__Output } from '../../vmplants/v1/Refusal.js';

export interface PlanResponse {
  /**
   * One per plant that would bid, cheapest first, in the same order as the bids.
   */
  'plans'?: (_vmplants_v1_Plan)[];
  'bids'?: (_vmplants_v1_Bid)[];
  'refusals'?: (_vmplants_v1_Refusal)[];
}

export interface PlanResponse__Output {
  /**
   * One per plant that would bid, cheapest first, in the same order as the bids.
   */
  'plans': (_vmplants_v1_Plan__Output)[];
  'bids': (_vmplants_v1_Bid__Output)[];
  'refusals': (_vmplants_v1_Refusal__Output)[];
}
