// Original file: proto/vmplants/v1/vm.proto


export interface ListRequest {
  /**
   * Only VMs of this domain; empty means all.
   */
  'clientDomain'?: (string);
}

export interface ListRequest__Output {
  /**
   * Only VMs of this domain; empty means all.
   */
  'clientDomain': (string);
}
