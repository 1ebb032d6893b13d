// Original file: proto/vmplants/v1/plant.proto


export interface ReserveRequest {
  /**
   * As in ProduceRequest.
   */
  'vmid'?: (string);
  'orderDigest'?: (string);
  'memoryMib'?: (number);
  /**
   * `host-only` or `none`.
   */
  'network'?: (string);
  'clientDomain'?: (string);
  /**
   * At most 30,000; 0 gives the room back.
   */
  'holdMilliseconds'?: (number);
}

export interface ReserveRequest__Output {
  /**
   * As in ProduceRequest.
   */
  'vmid': (string);
  'orderDigest': (string);
  'memoryMib': (number);
  /**
   * `host-only` or `none`.
   */
  'network': (string);
  'clientDomain': (string);
  /**
   * At most 30,000; 0 gives the room back.
   */
  'holdMilliseconds': (number);
}
