// Original file: proto/vmplants/v1/vm.proto


export interface ExecEnd {
  /**
   * As ActionFailure.status.
   */
  'status'?: (number);
  /**
   * The output was cut at 64 KiB.
   */
  'truncated'?: (boolean);
}

export interface ExecEnd__Output {
  /**
   * As ActionFailure.status.
   */
  'status': (number);
  /**
   * The output was cut at 64 KiB.
   */
  'truncated': (boolean);
}
