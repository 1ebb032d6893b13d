// Original file: proto/vmplants/v1/shop.proto

import type { Bid as _vmplants_v1_Bid, Bid__Output as _vmplants_v1_Bid__Output } from '../../vmplants/v1/Bid.js';
import type { Refusal as _vmplants_v1_Refusal, Refusal__Output as _vmplants_v1_Refusal__Output } from '../../vmplants/v1/Refusal.js';

export interface Auction {
  /**
   * Cheapest first.
   */
  'bids'?: (_vmplants_v1_Bid)[];
  'refusals'?: (_vmplants_v1_Refusal)[];
  /**
   * Name of the plant whose bid was taken.
   */
  'winner'?: (string);
}

export interface Auction__Output {
  /**
   * Cheapest first.
   */
  'bids': (_vmplants_v1_Bid__Output)[];
  'refusals': (_vmplants_v1_Refusal__Output)[];
  /**
   * Name of the plant whose bid was taken.
   */
  'winner': (string);
}
