// Original file: proto/vmplants/v1/vm.proto

export const VmState = {
  VM_STATE_UNSPECIFIED: 'VM_STATE_UNSPECIFIED',
  /**
   * Being cloned and configured; not the client's yet.
   */
  VM_STATE_PRODUCING: 'VM_STATE_PRODUCING',
  /**
   * Configured and handed out.
   */
  VM_STATE_RUNNING: 'VM_STATE_RUNNING',
  /**
   * Its monitor process ended, or its creation failed and it was kept for inspection.
   */
  VM_STATE_FAILED: 'VM_STATE_FAILED',
  /**
   * The monitor runs but does not answer.
   */
  VM_STATE_UNRESPONSIVE: 'VM_STATE_UNRESPONSIVE',
  /**
   * Being collected.
   */
  VM_STATE_COLLECTING: 'VM_STATE_COLLECTING',
} as const;

export type VmState =
  | 'VM_STATE_UNSPECIFIED'
  | 0
  /**
   * Being cloned and configured; not the client's yet.
   */
  | 'VM_STATE_PRODUCING'
  | 1
  /**
   * Configured and handed out.
   */
  | 'VM_STATE_RUNNING'
  | 2
  /**
   * Its monitor process ended, or its creation failed and it was kept for inspection.
   */
  | 'VM_STATE_FAILED'
  | 3
  /**
   * The monitor runs but does not answer.
   */
  | 'VM_STATE_UNRESPONSIVE'
  | 4
  /**
   * Being collected.
   */
  | 'VM_STATE_COLLECTING'
  | 5

export type VmState__Output = typeof VmState[keyof typeof VmState]
