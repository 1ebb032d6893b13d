import type { GoldenImage } from '../model/goldenImage.js';
import type { ImageProfile } from '../model/plantStatus.js';
import type { ImageSource } from './parts.js';
import { createIndex, type ImageIndex, updateIndex } from './planner/imageIndex.js';
import { imageProfile } from './status.js';

/** The planner's index of the warehouse, kept up with it. */
export interface Catalogue {
  readonly index: () => ImageIndex;
  /** What the images offer; the same object as long as they are the same. */
  readonly profile: () => ImageProfile;
  /** Calls the listener after every change of the images; the answer unsubscribes. */
  readonly onChange: (listener: () => void) => () => void;
  readonly close: () => void;
}

export function openCatalogue(source: ImageSource): Catalogue {
  let known = byName(source);
  let index = createIndex(known.values());
  let profile: ImageProfile | undefined;
  const listeners = new Set<() => void>();
  const unsubscribe = source.onChange(() => {
    const now = byName(source);
    const added = [...now.values()].filter((image) => known.get(image.name) !== image);
    const removed = [...known.keys()].filter((name) => !now.has(name));
    known = now;
    if (added.length === 0 && removed.length === 0) return;
    index = updateIndex(index, { added, removed });
    profile = undefined;
    for (const listener of [...listeners]) listener();
  });
  return {
    index: () => index,
    profile: () => {
      profile ??= imageProfile([...known.values()]);
      return profile;
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    close: unsubscribe,
  };
}

function byName(source: ImageSource): ReadonlyMap<string, GoldenImage> {
  return new Map(source.images().map(({ descriptor }) => [descriptor.name, descriptor]));
}
