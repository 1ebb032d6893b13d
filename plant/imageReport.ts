import type { GoldenImage } from '../model/goldenImage.js';

/** A golden image, or what should be one, as the people who look after it want to see it. */
export type ImageReport = UsableImage | ImageInQuarantine;

export interface UsableImage {
  readonly kind: 'usable';
  readonly image: GoldenImage;
  /** Bytes on disk that removing it would free; holes are not counted. */
  readonly uniqueBytes: number;
  /** Bytes on disk of the base that it hangs on and shares with its siblings. */
  readonly sharedBytes: number;
  /** VMs that were made from it so far, and the seconds of work that it saved them. */
  readonly uses: number;
  readonly savedSeconds: number;
  /** VMs that live on it now, and machines that wait prepared. */
  readonly vms: number;
  readonly prepared: number;
  /** Why it is kept, for people. */
  readonly keptBecause: readonly string[];
}

/** Nothing is cloned from it: its files are not what its descriptor says, or it is no image at all. */
export interface ImageInQuarantine {
  readonly kind: 'quarantined';
  readonly name: string;
  readonly problem: string;
}
