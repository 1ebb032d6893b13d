import { compareAge, type ImageEntry, measured } from './imageEntry.js';

/** What an action took in the newest image that performed it. */
export interface KnownSeconds {
  /** The action's key. */
  readonly key: string;
  readonly seconds: number;
  /** Where it was measured. */
  readonly source: ImageEntry;
}

/**
 * The known durations after images have come and gone: of every key, what the newest image measured (of one that
 * performed it more than once, the last time). Depends only on which images there are, not on how they came.
 *
 * @param entries all images after the change
 * @param come those of them that are new
 * @param gone those that are not among them any more
 */
export function updateKnownSeconds(
  known: ReadonlyMap<string, KnownSeconds>,
  entries: ReadonlyMap<string, ImageEntry>,
  come: readonly ImageEntry[],
  gone: readonly ImageEntry[],
): ReadonlyMap<string, KnownSeconds> {
  const updated = new Map(known);
  const lost = new Set<string>();
  for (const entry of gone) {
    for (const { key } of entry.image.performed) {
      if (updated.get(key)?.source === entry) {
        updated.delete(key);
        lost.add(key);
      }
    }
  }
  for (const entry of lost.size === 0 ? come : entries.values()) learn(updated, entry);
  return updated;
}

function learn(known: Map<string, KnownSeconds>, entry: ImageEntry): void {
  for (const { key, seconds } of entry.image.performed) {
    const before = known.get(key);
    if (before === undefined || before.source === entry || compareAge(entry, before.source) < 0) {
      known.set(key, { key: before?.key ?? key, seconds: measured(seconds), source: entry });
    }
  }
}
