// Original file: proto/vmplants/v1/plant.proto

import type { Bid as _vmplants_v1_Bid, Bid__Output as _vmplants_v1_Bid__Output } from '../../vmplants/v1/Bid.js';
import type { Plan as _vmplants_v1_Plan, Plan__Output as _vmplants_v1_Plan__Output } from '../../vmplants/v1/Plan.js';

export interface BidResponse {
  'bid'?: (_vmplants_v1_Bid | null);
  /**
   * With `explain`.
   */
  'plan'?: (_vmplants_v1_Plan | null);
}

export interface BidResponse__Output {
  'bid': (_vmplants_v1_Bid__Output | null);
  /**
   * With `explain`.
   */
  'plan': (_vmplants_v1_Plan__Output | null);
}
