import type { GoldenImage } from '../../model/goldenImage.js';
import type { Protection } from './decide/learning.js';

/** What depends on golden images at this moment, by name of the image. */
export interface Dependants {
  /** VMIDs of the VMs that live on it. */
  readonly vms: ReadonlyMap<string, readonly string[]>;
  /** Machines that wait prepared on it, and those that are being made. */
  readonly prepared: ReadonlyMap<string, readonly string[]>;
  /** Images that a production or a publication is working with. */
  readonly unfinished: ReadonlySet<string>;
  /** What other plants on the warehouse say that they use. */
  readonly elsewhere?: ReadonlyMap<string, readonly string[]>;
}

/** Why an image must not go now. Pure. */
export function protectionsOf(
  image: GoldenImage,
  all: readonly GoldenImage[],
  dependants: Dependants,
): readonly Protection[] {
  const { name } = image;
  const holds: readonly (readonly [protection: Protection, holds: boolean])[] = [
    ['pinned', image.policy?.pinned === true],
    ['vms', (dependants.vms.get(name)?.length ?? 0) > 0],
    ['prepared', (dependants.prepared.get(name)?.length ?? 0) > 0],
    ['backs-others', all.some(({ disk }) => disk.backingImage === name)],
    ['unfinished-work', dependants.unfinished.has(name)],
    ['other-plants', dependants.elsewhere?.has(name) === true],
  ];
  return holds.flatMap(([protection, does]) => (does ? [protection] : []));
}

/** Whatever here keeps an image from being removed, for people, by name of the image. Pure. */
export function usersOf({ vms, prepared, unfinished }: Dependants): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, readonly string[]>();
  const add = (image: string, names: readonly string[]): void => {
    users.set(image, [...(users.get(image) ?? []), ...names]);
  };
  for (const [image, names] of vms) add(image, names);
  for (const [image, names] of prepared) add(image, names);
  for (const image of unfinished) add(image, ['unfinished work']);
  return users;
}
