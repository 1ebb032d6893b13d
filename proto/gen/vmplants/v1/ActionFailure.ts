// Original file: proto/vmplants/v1/vm.proto


/**
 * How the action ended that made a creation fail; travels in the details of the status.
 */
export interface ActionFailure {
  'action'?: (string);
  /**
   * Exit status 0..255, 256+N for signal N, -1 when its time ran out.
   */
  'status'?: (number);
  /**
   * The end of what it wrote, at most 4 KiB.
   */
  'outputTail'?: (string);
}

/**
 * How the action ended that made a creation fail; travels in the details of the status.
 */
export interface ActionFailure__Output {
  'action': (string);
  /**
   * Exit status 0..255, 256+N for signal N, -1 when its time ran out.
   */
  'status': (number);
  /**
   * The end of what it wrote, at most 4 KiB.
   */
  'outputTail': (string);
}
