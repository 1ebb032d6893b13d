// Original file: proto/vmplants/v1/image.proto

import type { Progress as _vmplants_v1_Progress, Progress__Output as _vmplants_v1_Progress__Output } from '../../vmplants/v1/Progress.js';
import type { Published as _vmplants_v1_Published, Published__Output as _vmplants_v1_Published__Output } from '../../vmplants/v1/Published.js';

export interface PublishEvent {
  'progress'?: (_vmplants_v1_Progress | null);
  /**
   * Last.
   */
  'published'?: (_vmplants_v1_Published | null);
  'event'?: "progress"|"published";
}

export interface PublishEvent__Output {
  'progress'?: (_vmplants_v1_Progress__Output | null);
  /**
   * Last.
   */
  'published'?: (_vmplants_v1_Published__Output | null);
  'event'?: "progress"|"published";
}
