// Original file: proto/vmplants/v1/vm.proto


/**
 * What a plant's golden images offer, without telling what they are.
 */
export interface ImageProfile {
  /**
   * For example `debian 12`.
   */
  'operatingSystems'?: (string)[];
  /**
   * The first 12 hexadecimal digits of the key of every action that some image has performed; at most 4096, those of
   * the newest images first.
   */
  'keys'?: (string)[];
}

/**
 * What a plant's golden images offer, without telling what they are.
 */
export interface ImageProfile__Output {
  /**
   * For example `debian 12`.
   */
  'operatingSystems': (string)[];
  /**
   * The first 12 hexadecimal digits of the key of every action that some image has performed; at most 4096, those of
   * the newest images first.
   */
  'keys': (string)[];
}
