import type { Published__Output } from '../gen/vmplants/v1/Published.js';
import { type ImageSummary, imageFromMessage } from './image.js';
import { malformed } from './malformed.js';

/** A golden image that was made of a VM. */
export interface PublishedImage {
  readonly image: ImageSummary;
  /** Key of the change made by hand, which a later request names as an opaque action; live only. */
  readonly opaqueKey?: string;
  /** How long the VM stood still, in seconds; live only. */
  readonly pausedSeconds?: number;
  /** Actions of the VM's request that are not in the image; recipe only. */
  readonly leftOut: readonly string[];
  /** What the guest confirmed to have been rid of; live only. */
  readonly scrubbed: readonly string[];
}

/** DATA_LOSS when it says nothing of the image. */
export function publishedFromMessage(message: Published__Output): PublishedImage {
  if (message.image === null) throw malformed('what was published, expected an image', 'none');
  return {
    image: imageFromMessage(message.image),
    // The recipe way has no key, and a VM that went on running did not stand still for 0 s.
    ...(message.opaqueKey === ''
      ? {}
      : { opaqueKey: message.opaqueKey, pausedSeconds: message.pausedSeconds }),
    leftOut: message.leftOut,
    scrubbed: message.scrubbed,
  };
}
