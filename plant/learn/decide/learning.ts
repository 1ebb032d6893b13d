import type { GoldenImage } from '../../../model/goldenImage.js';
import type { LineEnvironment } from '../../../model/lineEnvironment.js';
import type { MachineProfile, OrderShape } from './orderShape.js';

/** All that a learning decision depends on, at one moment: history x images x budget. */
export interface LearningInput {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly history: readonly ShapeUses[];
  /** All usable images of the warehouse, whoever made them: people, this plant, other plants. */
  readonly images: readonly KnownImage[];
  /** Measured mean duration of every action that ever ran well here, by key, in seconds. */
  readonly seconds: ReadonlyMap<string, number>;
  readonly budget: LearningBudget;
  /** Production lines of this host: an image whose memory they cannot resume saves its boot less. */
  readonly lines: readonly LineEnvironment[];
  /** Expected bytes on disk of an image of this machine in which these actions (keys) were performed. Pure. */
  readonly estimateBytes: (profile: MachineProfile, keys: readonly string[]) => number;
}

/** A shape and when it was ordered: milliseconds since the epoch, oldest first, never empty. */
export interface ShapeUses {
  readonly shape: OrderShape;
  readonly times: readonly number[];
}

export interface KnownImage {
  readonly image: GoldenImage;
  /** On disk; what removing it would free. */
  readonly bytes: number;
  /** Why it must not go now, whatever it is worth. Empty: it may. */
  readonly protectedBy: readonly Protection[];
  /** Its memory has failed to resume here though it should fit: only its disk is of use. */
  readonly memoryFails?: boolean;
  /** Another plant learned or rewarmed it: it is to this one as if people had made it. */
  readonly ofOther?: true;
}

export type Protection = 'pinned' | 'vms' | 'prepared' | 'backs-others' | 'unfinished-work' | 'other-plants';

/** How much all images that the plant learned may take together. Those that others made do not count. */
export interface LearningBudget {
  readonly bytes: number;
  readonly images: number;
}

export interface LearningDecision {
  /** Most valuable per byte first. After all of it and all evictions the budget is kept. */
  readonly bake: readonly BakeProposal[];
  /** Only images that this plant learned, without protection; what is worth least first. */
  readonly evict: readonly ImageReason[];
  /** Every image that stays, and why. */
  readonly keep: readonly ImageReason[];
}

/** An image that would pay: a downward-closed part of one or more orders. */
export interface BakeProposal {
  /** A shape that it is a prefix of. */
  readonly shape: OrderShape;
  /** Places in `shape.actions`, in the order in which they are to be performed: every order that it is for allows it. */
  readonly perform: readonly number[];
  readonly bytes: number;
  /** Expected saving over the images that stay, in seconds a day. */
  readonly savedSecondsPerDay: number;
  /** For people, for example `shared by 4 kinds of order, 31 orders in the last day`. */
  readonly reason: string;
}

export interface ImageReason {
  readonly image: string;
  readonly reason: string;
}
