import type { GoldenImage } from '../model/goldenImage.js';
import type { ImageSource } from './parts.js';
import { createIndex, type ImageIndex, updateIndex } from './planner/imageIndex.js';

/** The planner's index of the warehouse, kept up with it. */
export interface Catalogue {
  readonly index: () => ImageIndex;
  readonly close: () => void;
}

export function openCatalogue(source: ImageSource): Catalogue {
  let known = byName(source);
  let index = createIndex(known.values());
  const unsubscribe = source.onChange(() => {
    const now = byName(source);
    const added = [...now.values()].filter((image) => known.get(image.name) !== image);
    const removed = [...known.keys()].filter((name) => !now.has(name));
    if (added.length > 0 || removed.length > 0) index = updateIndex(index, { added, removed });
    known = now;
  });
  return { index: () => index, close: unsubscribe };
}

function byName(source: ImageSource): ReadonlyMap<string, GoldenImage> {
  return new Map(source.images().map(({ descriptor }) => [descriptor.name, descriptor]));
}
