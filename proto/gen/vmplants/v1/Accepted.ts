// Original file: proto/vmplants/v1/shop.proto


export interface Accepted {
  'vmid'?: (string);
}

export interface Accepted__Output {
  'vmid': (string);
}
