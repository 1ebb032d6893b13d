// Original file: proto/vmplants/v1/image.proto


export interface ImageReason {
  'image'?: (string);
  'reason'?: (string);
}

export interface ImageReason__Output {
  'image': (string);
  'reason': (string);
}
