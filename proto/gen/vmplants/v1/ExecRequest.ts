// Original file: proto/vmplants/v1/vm.proto


/**
 * One command in the guest, outside of any order. The guest's daemon runs it as root.
 */
export interface ExecRequest {
  'vmid'?: (string);
  /**
   * A script for `sh`, at most 8 KiB.
   */
  'script'?: (string);
  /**
   * 1 to 3600; 0 means 60.
   */
  'timeoutSeconds'?: (number);
}

/**
 * One command in the guest, outside of any order. The guest's daemon runs it as root.
 */
export interface ExecRequest__Output {
  'vmid': (string);
  /**
   * A script for `sh`, at most 8 KiB.
   */
  'script': (string);
  /**
   * 1 to 3600; 0 means 60.
   */
  'timeoutSeconds': (number);
}
