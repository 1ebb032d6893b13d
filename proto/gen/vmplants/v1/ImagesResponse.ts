// Original file: proto/vmplants/v1/vm.proto

import type { Image as _vmplants_v1_Image, Image__Output as _vmplants_v1_Image__Output } from '../../vmplants/v1/Image.js';

export interface ImagesResponse {
  'images'?: (_vmplants_v1_Image)[];
  'unreachable'?: (string)[];
}

export interface ImagesResponse__Output {
  'images': (_vmplants_v1_Image__Output)[];
  'unreachable': (string)[];
}
