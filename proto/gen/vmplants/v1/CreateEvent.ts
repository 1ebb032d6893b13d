// Original file: proto/vmplants/v1/shop.proto

import type { Accepted as _vmplants_v1_Accepted, Accepted__Output as _vmplants_v1_Accepted__Output } from '../../vmplants/v1/Accepted.js';
import type { Auction as _vmplants_v1_Auction, Auction__Output as _vmplants_v1_Auction__Output } from '../../vmplants/v1/Auction.js';
import type { Plan as _vmplants_v1_Plan, Plan__Output as _vmplants_v1_Plan__Output } from '../../vmplants/v1/Plan.js';
import type { Progress as _vmplants_v1_Progress, Progress__Output as _vmplants_v1_Progress__Output } from '../../vmplants/v1/Progress.js';
import type { Vm as _vmplants_v1_Vm, Vm__Output as _vmplants_v1_Vm__Output } from '../../vmplants/v1/Vm.js';

export interface CreateEvent {
  /**
   * First: the name that the VM will have.
   */
  'accepted'?: (_vmplants_v1_Accepted | null);
  /**
   * The offers and which one was taken.
   */
  'auction'?: (_vmplants_v1_Auction | null);
  /**
   * How the plant will produce it.
   */
  'plan'?: (_vmplants_v1_Plan | null);
  'progress'?: (_vmplants_v1_Progress | null);
  /**
   * Last: the VM, running, with its classad.
   */
  'vm'?: (_vmplants_v1_Vm | null);
  'event'?: "accepted"|"auction"|"plan"|"progress"|"vm";
}

export interface CreateEvent__Output {
  /**
   * First: the name that the VM will have.
   */
  'accepted'?: (_vmplants_v1_Accepted__Output | null);
  /**
   * The offers and which one was taken.
   */
  'auction'?: (_vmplants_v1_Auction__Output | null);
  /**
   * How the plant will produce it.
   */
  'plan'?: (_vmplants_v1_Plan__Output | null);
  'progress'?: (_vmplants_v1_Progress__Output | null);
  /**
   * Last: the VM, running, with its classad.
   */
  'vm'?: (_vmplants_v1_Vm__Output | null);
  'event'?: "accepted"|"auction"|"plan"|"progress"|"vm";
}
