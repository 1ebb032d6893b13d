// Original file: proto/vmplants/v1/vm.proto


/**
 * One step of a long piece of work.
 */
export interface Progress {
  /**
   * plan, clone, start, renew, configure, record; on the shop also auction.
   */
  'phase'?: (string);
  /**
   * Action that it is about, if about one.
   */
  'action'?: (string);
  'message'?: (string);
  /**
   * Duration in seconds, on the message that ends the phase or action.
   */
  'seconds'?: (number | string);
  '_seconds'?: "seconds";
}

/**
 * One step of a long piece of work.
 */
export interface Progress__Output {
  /**
   * plan, clone, start, renew, configure, record; on the shop also auction.
   */
  'phase': (string);
  /**
   * Action that it is about, if about one.
   */
  'action': (string);
  'message': (string);
  /**
   * Duration in seconds, on the message that ends the phase or action.
   */
  'seconds'?: (number);
  '_seconds'?: "seconds";
}
