// Original file: proto/vmplants/v1/vm.proto


export interface VmidRequest {
  'vmid'?: (string);
}

export interface VmidRequest__Output {
  'vmid': (string);
}
