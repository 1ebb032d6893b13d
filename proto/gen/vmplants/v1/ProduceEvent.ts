// Original file: proto/vmplants/v1/plant.proto

import type { Plan as _vmplants_v1_Plan, Plan__Output as _vmplants_v1_Plan__Output } from '../../vmplants/v1/Plan.js';
import type { Progress as _vmplants_v1_Progress, Progress__Output as _vmplants_v1_Progress__Output } from '../../vmplants/v1/Progress.js';
import type { Vm as _vmplants_v1_Vm, Vm__Output as _vmplants_v1_Vm__Output } from '../../vmplants/v1/Vm.js';

export interface ProduceEvent {
  'plan'?: (_vmplants_v1_Plan | null);
  'progress'?: (_vmplants_v1_Progress | null);
  /**
   * Last.
   */
  'vm'?: (_vmplants_v1_Vm | null);
  'event'?: "plan"|"progress"|"vm";
}

export interface ProduceEvent__Output {
  'plan'?: (_vmplants_v1_Plan__Output | null);
  'progress'?: (_vmplants_v1_Progress__Output | null);
  /**
   * Last.
   */
  'vm'?: (_vmplants_v1_Vm__Output | null);
  'event'?: "plan"|"progress"|"vm";
}
