// Original file: proto/vmplants/v1/vm.proto

import type { PlannedAction as _vmplants_v1_PlannedAction, PlannedAction__Output as _vmplants_v1_PlannedAction__Output } from '../../vmplants/v1/PlannedAction.js';

export interface Stage {
  /**
   * `guest` (its actions share one ISO) or `host` (one action).
   */
  'kind'?: (string);
  'actions'?: (_vmplants_v1_PlannedAction)[];
}

export interface Stage__Output {
  /**
   * `guest` (its actions share one ISO) or `host` (one action).
   */
  'kind': (string);
  'actions': (_vmplants_v1_PlannedAction__Output)[];
}
