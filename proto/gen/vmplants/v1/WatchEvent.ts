// Original file: proto/vmplants/v1/plant.proto

import type { Vm as _vmplants_v1_Vm, Vm__Output as _vmplants_v1_Vm__Output } from '../../vmplants/v1/Vm.js';

export interface WatchEvent {
  /**
   * A VM that exists, new or changed.
   */
  'changed'?: (_vmplants_v1_Vm | null);
  /**
   * VMID of one that is gone.
   */
  'gone'?: (string);
  /**
   * Sent once, after the VMs that existed at the start.
   */
  'listed'?: (boolean);
  'event'?: "changed"|"gone"|"listed";
}

export interface WatchEvent__Output {
  /**
   * A VM that exists, new or changed.
   */
  'changed'?: (_vmplants_v1_Vm__Output | null);
  /**
   * VMID of one that is gone.
   */
  'gone'?: (string);
  /**
   * Sent once, after the VMs that existed at the start.
   */
  'listed'?: (boolean);
  'event'?: "changed"|"gone"|"listed";
}
