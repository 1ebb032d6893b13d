import type { ImageSummary } from '../client.js';

/** A golden image and those that were made from it. */
export interface ImageNode {
  readonly name: string;
  /** Absent for one that others were made from and that is not among the images any more. */
  readonly image?: ImageSummary;
  /** Actions that it has and its parent has not; all of its own where the parent is not known. */
  readonly added: readonly string[];
  /** By name. */
  readonly children: readonly ImageNode[];
}

/**
 * The images of one plant, by what they were made from. Every image is in it once, also when the parents that a plant
 * names go round in a circle.
 */
export function imageForest(images: readonly ImageSummary[]): readonly ImageNode[] {
  const byName = new Map(images.map((image) => [image.name, image]));
  const childrenOf = new Map<string, ImageSummary[]>();
  for (const image of images) {
    if (image.parent === undefined) continue;
    const siblings = childrenOf.get(image.parent) ?? [];
    childrenOf.set(image.parent, siblings);
    siblings.push(image);
  }
  const placed = new Set<string>();
  const node = (image: ImageSummary): ImageNode => {
    placed.add(image.name);
    return {
      name: image.name,
      image,
      added: addedActions(image, image.parent === undefined ? undefined : byName.get(image.parent)),
      children: nodes(childrenOf.get(image.name) ?? []),
    };
  };
  const nodes = (siblings: readonly ImageSummary[]): readonly ImageNode[] =>
    [...siblings].sort(byImageName).flatMap((image) => (placed.has(image.name) ? [] : [node(image)]));

  const bases = nodes(images.filter(({ parent }) => parent === undefined));
  const gone = [...childrenOf.keys()]
    .filter((name) => !byName.has(name))
    .sort()
    .map((name): ImageNode => ({ name, added: [], children: nodes(childrenOf.get(name) ?? []) }));
  return [...bases, ...gone, ...nodes(images.filter(({ name }) => !placed.has(name)))];
}

function addedActions(image: ImageSummary, parent: ImageSummary | undefined): readonly string[] {
  const before = new Set(parent?.performed.map(({ key }) => key));
  return image.performed.filter(({ key }) => !before.has(key)).map(({ name }) => name);
}

function byImageName(one: ImageSummary, other: ImageSummary): number {
  return one.name < other.name ? -1 : 1;
}
