// Original file: proto/vmplants/v1/image.proto

import type { Image as _vmplants_v1_Image, Image__Output as _vmplants_v1_Image__Output } from '../../vmplants/v1/Image.js';

export interface Published {
  'image'?: (_vmplants_v1_Image | null);
  /**
   * Key of the change made by hand (live): a later request names it as an opaque action.
   */
  'opaqueKey'?: (string);
  /**
   * How long the VM stood still (live), in seconds.
   */
  'pausedSeconds'?: (number | string);
  /**
   * Actions of the request that are not in the image: identity actions, and those after one (recipe).
   */
  'leftOut'?: (string)[];
  /**
   * What the guest confirmed to have been rid of (live).
   */
  'scrubbed'?: (string)[];
}

export interface Published__Output {
  'image': (_vmplants_v1_Image__Output | null);
  /**
   * Key of the change made by hand (live): a later request names it as an opaque action.
   */
  'opaqueKey': (string);
  /**
   * How long the VM stood still (live), in seconds.
   */
  'pausedSeconds': (number);
  /**
   * Actions of the request that are not in the image: identity actions, and those after one (recipe).
   */
  'leftOut': (string)[];
  /**
   * What the guest confirmed to have been rid of (live).
   */
  'scrubbed': (string)[];
}
