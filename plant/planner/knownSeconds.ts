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
 * What actions took, by the owner of the images (undefined: everybody's) and by key. A client domain is told only of
 * everybody's and of its own, because what an action took also tells that somebody performed it.
 */
export type SecondsByOwner = ReadonlyMap<string | undefined, ReadonlyMap<string, KnownSeconds>>;

/** What actions took as far as a client domain may know it. */
export interface VisibleSeconds {
  /** In the newest image that is everybody's or the domain's own. */
  readonly of: (key: string) => number | undefined;
}

export function secondsFor(known: SecondsByOwner, clientDomain: string): VisibleSeconds {
  const common = known.get(undefined);
  const own = known.get(clientDomain);
  return {
    of: (key) => {
      const first = common?.get(key);
      const second = own?.get(key);
      if (first === undefined || second === undefined) return (first ?? second)?.seconds;
      return compareAge(first.source, second.source) < 0 ? first.seconds : second.seconds;
    },
  };
}

/**
 * The known durations after images have come and gone: of every key, what the newest image of each owner measured (of
 * one that performed it more than once, the last time). Depends only on which images there are, not on how they came.
 *
 * @param entries all images after the change
 * @param come those of them that are new
 * @param gone those that are not among them any more
 */
export function updateKnownSeconds(
  known: SecondsByOwner,
  entries: ReadonlyMap<string, ImageEntry>,
  come: readonly ImageEntry[],
  gone: readonly ImageEntry[],
): SecondsByOwner {
  const drafts = new Map<string | undefined, Map<string, KnownSeconds>>();
  const draftOf = ({ image: { owner } }: ImageEntry): Map<string, KnownSeconds> => {
    const draft = drafts.get(owner) ?? new Map(known.get(owner));
    drafts.set(owner, draft);
    return draft;
  };
  let lost = false;
  for (const entry of gone) {
    const draft = draftOf(entry);
    for (const { key } of entry.image.performed) {
      if (draft.get(key)?.source !== entry) continue;
      draft.delete(key);
      lost = true;
    }
  }
  for (const entry of lost ? entries.values() : come) learn(draftOf(entry), entry);
  const updated = new Map([...known, ...drafts]);
  for (const [owner, seconds] of updated) if (seconds.size === 0) updated.delete(owner);
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
