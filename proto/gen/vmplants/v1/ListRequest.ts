// Original file: proto/vmplants/v1/vm.proto


export interface ListRequest {
  /**
   * Only VMs of this domain; empty means all.
   */
  'clientDomain'?: (string);
  /**
   * As in QueryRequest; what is that young of all plants is not asked for again.
   */
  'maxAgeMilliseconds'?: (number);
}

export interface ListRequest__Output {
  /**
   * Only VMs of this domain; empty means all.
   */
  'clientDomain': (string);
  /**
   * As in QueryRequest; what is that young of all plants is not asked for again.
   */
  'maxAgeMilliseconds': (number);
}
