// Original file: proto/vmplants/v1/vm.proto


export interface CollectResponse {
  'vmid'?: (string);
  /**
   * True when this call ended the VM, false when it was already being collected.
   */
  'collected'?: (boolean);
}

export interface CollectResponse__Output {
  'vmid': (string);
  /**
   * True when this call ended the VM, false when it was already being collected.
   */
  'collected': (boolean);
}
