/** Something that lives on a golden image: a VM, or a machine that waits prepared. */
interface ImageUser {
  readonly image: string;
  /** Its VMID, or its name. */
  readonly name: string;
}

/** Names of what lives on each golden image, by the image's name. */
export function vmsByImage(users: readonly ImageUser[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const { image, name } of users) found.set(image, [...(found.get(image) ?? []), name]);
  return found;
}
