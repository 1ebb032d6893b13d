import type { GoldenImage, SharedWithDomains } from '../../model/goldenImage.js';
import type { Order } from '../../model/order.js';
import type { Progress } from '../../model/progress.js';

/** A golden image to be made of a VM, which goes on running. */
export interface PublicationRequest {
  readonly vmid: string;
  /** Name of the new image. */
  readonly name: string;
  readonly way: RecipeWay | LiveWay;
  /** What other domains than the VM's may use of it. */
  readonly shared: SharedWithDomains;
  readonly pinned: boolean;
}

/** What of the VM's order belongs to no one VM, produced afresh. */
export interface RecipeWay {
  readonly kind: 'recipe';
  /** The VM's order, for a plant that does not know it any more. */
  readonly order?: Order;
}

/** The VM as it is, rid of its identity. */
export interface LiveWay {
  readonly kind: 'live';
  /** Take its memory along; otherwise the copy of its disk is booted, and that boot's memory is published. */
  readonly memory: boolean;
  /** For `sh`, as root, in the copy; has to end with status 0. */
  readonly scrub?: string;
  /** Names of actions of its own whose effect may stay. */
  readonly keep: readonly string[];
}

/** What those who follow a publication are told; the image comes last. */
export type PublishEvent =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'published'; readonly published: Published };

export interface Published {
  readonly image: GoldenImage;
  /** Key of the change made by hand: live only. */
  readonly opaqueKey?: string;
  /** How long the VM stood still: live only. */
  readonly pausedSeconds?: number;
  /** Actions of the order that are not in the image: recipe only. */
  readonly leftOut: readonly string[];
  /** What the guest confirmed to be rid of: live only. */
  readonly scrubbed: readonly string[];
}
