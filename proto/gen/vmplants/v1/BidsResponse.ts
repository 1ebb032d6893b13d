// Original file: proto/vmplants/v1/shop.proto

import type { Bid as _vmplants_v1_Bid, Bid__Output as _vmplants_v1_Bid__Output } from '../../vmplants/v1/Bid.js';
import type { Refusal as _vmplants_v1_Refusal, Refusal__Output as _vmplants_v1_Refusal__Output } from '../../vmplants/v1/Refusal.js';

export interface BidsResponse {
  'bids'?: (_vmplants_v1_Bid)[];
  'refusals'?: (_vmplants_v1_Refusal)[];
}

export interface BidsResponse__Output {
  'bids': (_vmplants_v1_Bid__Output)[];
  'refusals': (_vmplants_v1_Refusal__Output)[];
}
