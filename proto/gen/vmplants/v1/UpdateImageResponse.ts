// Original file: proto/vmplants/v1/image.proto

import type { Image as _vmplants_v1_Image, Image__Output as _vmplants_v1_Image__Output } from '../../vmplants/v1/Image.js';

export interface UpdateImageResponse {
  /**
   * The image as it is now, once for every plant that has it.
   */
  'images'?: (_vmplants_v1_Image)[];
  'unreachable'?: (string)[];
}

export interface UpdateImageResponse__Output {
  /**
   * The image as it is now, once for every plant that has it.
   */
  'images': (_vmplants_v1_Image__Output)[];
  'unreachable': (string)[];
}
