// Original file: proto/vmplants/v1/vm.proto


/**
 * One command in the guest, outside of any order. The guest's daemon runs it as root. Commands in one VM take turns:
 * one that waits for all of its time gets FAILED_PRECONDITION, reason GUEST_BUSY. A command whose call is cancelled, or
 * runs into its deadline, is ended in the guest.
 */
export interface ExecRequest {
  'vmid'?: (string);
  /**
   * A script for `sh`, at most 8 KiB.
   */
  'script'?: (string);
  /**
   * 1 to 3600; 0 means 60. The wait for the turn counts.
   */
  'timeoutSeconds'?: (number);
}

/**
 * One command in the guest, outside of any order. The guest's daemon runs it as root. Commands in one VM take turns:
 * one that waits for all of its time gets FAILED_PRECONDITION, reason GUEST_BUSY. A command whose call is cancelled, or
 * runs into its deadline, is ended in the guest.
 */
export interface ExecRequest__Output {
  'vmid': (string);
  /**
   * A script for `sh`, at most 8 KiB.
   */
  'script': (string);
  /**
   * 1 to 3600; 0 means 60. The wait for the turn counts.
   */
  'timeoutSeconds': (number);
}
