// Original file: proto/vmplants/v1/plant.proto

import type { Bid as _vmplants_v1_Bid, Bid__Output as _vmplants_v1_Bid__Output } from '../../vmplants/v1/Bid.js';
import type { Plan as _vmplants_v1_Plan, Plan__Output as _vmplants_v1_Plan__Output } from '../../vmplants/v1/Plan.js';
import type { Rejection as _vmplants_v1_Rejection, Rejection__Output as _vmplants_v1_Rejection__Output } from '../../vmplants/v1/Rejection.js';

export interface BidResponse {
  /**
   * Absent when no golden image matches, which is answered so with `explain` only.
   */
  'bid'?: (_vmplants_v1_Bid | null);
  /**
   * With `explain`.
   */
  'plan'?: (_vmplants_v1_Plan | null);
  /**
   * With `explain`, where no golden image matches: why each did not. (An error's details would be too small for it.)
   */
  'rejected'?: (_vmplants_v1_Rejection)[];
}

export interface BidResponse__Output {
  /**
   * Absent when no golden image matches, which is answered so with `explain` only.
   */
  'bid': (_vmplants_v1_Bid__Output | null);
  /**
   * With `explain`.
   */
  'plan': (_vmplants_v1_Plan__Output | null);
  /**
   * With `explain`, where no golden image matches: why each did not. (An error's details would be too small for it.)
   */
  'rejected': (_vmplants_v1_Rejection__Output)[];
}
