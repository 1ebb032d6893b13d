// Original file: proto/vmplants/v1/vm.proto

import type { Vm as _vmplants_v1_Vm, Vm__Output as _vmplants_v1_Vm__Output } from '../../vmplants/v1/Vm.js';

export interface ListResponse {
  'vms'?: (_vmplants_v1_Vm)[];
  /**
   * Plants that could not be asked; the list may be incomplete by what they hold.
   */
  'unreachable'?: (string)[];
}

export interface ListResponse__Output {
  'vms': (_vmplants_v1_Vm__Output)[];
  /**
   * Plants that could not be asked; the list may be incomplete by what they hold.
   */
  'unreachable': (string)[];
}
