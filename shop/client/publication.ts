import { VmplantsError } from '../../model/errors.js';
import type { SharedWithDomains } from '../../model/goldenImage.js';
import type { Progress } from '../../model/progress.js';
import type { PublishEvent__Output } from '../../proto/gen/vmplants/v1/PublishEvent.js';
import type { PublishRequest } from '../../proto/gen/vmplants/v1/PublishRequest.js';
import { progressFromMessage } from '../../proto/mapping/progress.js';
import { type PublishedImage, publishedFromMessage } from '../../proto/mapping/published.js';
import { documentMessage, type VmRequest } from './requestMessage.js';

/** What happens during a publication, in the order in which it is told. */
export type PublishEvent =
  | { readonly kind: 'progress'; readonly progress: Progress }
  /** Last: the image. */
  | { readonly kind: 'published'; readonly published: PublishedImage };

/** How an image is made of a VM, and who may use it. */
export interface Publication {
  /**
   * The VM as it is now, rid of its identity; what was changed by hand is recorded as an opaque action. Absent: what
   * of the VM's request belongs to no one VM is produced afresh, so that the image is exactly what its record says.
   */
  readonly live?: LivePublication;
  /** The VM's request, without `live`: needed only when the plant does not know it any more (RECIPE_UNKNOWN). */
  readonly request?: VmRequest;
  /** What other client domains than the VM's may use of the image. Default `no`. */
  readonly shared?: SharedWithDomains;
  /** Never evicted. Default false. */
  readonly pinned?: boolean;
}

export interface LivePublication {
  /** Also take the memory, with all programs that run in it. Default false: the memory of a fresh boot is taken. */
  readonly memory?: boolean;
  /** A script for `sh`, at most 64 KiB, that removes from the copy what must not be in an image. */
  readonly scrub?: string;
  /**
   * Names of the VM's identity actions, and of those after one, whose effect may stay in the image. Without `scrub`
   * all of them have to be named (IDENTITY_REMAINS).
   */
  readonly keep?: readonly string[];
}

/** INVALID_ARGUMENT for a publication that asks for both ways. */
export function publishMessage(vmid: string, name: string, publication: Publication): PublishRequest {
  const { live, request, shared, pinned } = publication;
  const common = { vmid, name, shared: shared ?? '', pinned: pinned ?? false };
  if (live === undefined) {
    return { ...common, recipe: request === undefined ? {} : { document: documentMessage(request) } };
  }
  if (request !== undefined) {
    throw new VmplantsError('INVALID_ARGUMENT', 'expected live or request, found both', {
      reason: 'INVALID_REQUEST',
      hint: 'a live publication takes the VM as it is; leave the request out',
    });
  }
  const { memory, scrub, keep } = live;
  return { ...common, live: { memory: memory ?? false, scrub: scrub ?? '', keep: [...(keep ?? [])] } };
}

/** Undefined for an event that this version does not know. DATA_LOSS for one that is not as the contract says. */
export function publishEventFromMessage(message: PublishEvent__Output): PublishEvent | undefined {
  if (message.progress != null) return { kind: 'progress', progress: progressFromMessage(message.progress) };
  if (message.published != null) {
    return { kind: 'published', published: publishedFromMessage(message.published) };
  }
  return undefined;
}
