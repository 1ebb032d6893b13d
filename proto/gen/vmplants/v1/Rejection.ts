// Original file: proto/vmplants/v1/vm.proto


export interface Rejection {
  'image'?: (string);
  /**
   * hardware, operating-system, line, network, subset, prefix, partial-order, max-age, devices, opaque or saves-less.
   */
  'test'?: (string);
  /**
   * Action at which the test failed, if at one.
   */
  'action'?: (string);
  'reason'?: (string);
}

export interface Rejection__Output {
  'image': (string);
  /**
   * hardware, operating-system, line, network, subset, prefix, partial-order, max-age, devices, opaque or saves-less.
   */
  'test': (string);
  /**
   * Action at which the test failed, if at one.
   */
  'action': (string);
  'reason': (string);
}
