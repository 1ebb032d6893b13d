import type { GoldenImage } from '../../model/goldenImage.js';

/** A golden image with what the planner reads from it again and again. */
export interface ImageEntry {
  readonly image: GoldenImage;
  /** Sum of the measured seconds of what it performed. */
  readonly savedSeconds: number;
  /** Seconds that a boot of its disk costs, by what the image says. */
  readonly bootSeconds: number;
  /** When it was frozen, in milliseconds since 1970; 0 when that is not readable. */
  readonly createdAt: number;
}

export function createEntry(image: GoldenImage): ImageEntry {
  const createdAt = Date.parse(image.created);
  let savedSeconds = 0;
  for (const entry of image.performed) savedSeconds += measured(entry.seconds);
  return {
    image,
    savedSeconds,
    bootSeconds: measured(image.bootSeconds),
    createdAt: Number.isNaN(createdAt) ? 0 : createdAt,
  };
}

/** A measured duration; one that cannot be (negative, not a number) counts as none. */
export function measured(seconds: number): number {
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0;
}

/** Newer images first, then by name: a total order, because names are unique. */
export function compareAge(first: ImageEntry, second: ImageEntry): number {
  if (first.createdAt !== second.createdAt) return second.createdAt - first.createdAt;
  return first.image.name < second.image.name ? -1 : first.image.name > second.image.name ? 1 : 0;
}
