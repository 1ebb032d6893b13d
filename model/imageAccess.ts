import type { GoldenImage, SharedWithDomains } from './goldenImage.js';

/**
 * What a client domain may use of a golden image: nothing (the image is then not to be shown to it either), its disk,
 * or its memory as well. An image without an owner is everybody's; the owner's own domain may use all of it; what was
 * never decided is not shared.
 */
export function accessTo(
  image: Pick<GoldenImage, 'owner' | 'policy'>,
  clientDomain: string,
): SharedWithDomains {
  if (image.owner === undefined || image.owner === clientDomain) return 'memory';
  return image.policy?.shared ?? 'no';
}
