import type { GoldenImage } from '../model/goldenImage.js';
import { accessTo } from '../model/imageAccess.js';
import type { UsableImage } from './imageReport.js';

/**
 * What a client domain is told of the images that it may use. Of an image that is another domain's it learns neither how
 * that domain uses it nor what it was made from, unless it may use that as well. Pure.
 */
export function reportShownTo(
  clientDomain: string,
  report: UsableImage,
  parentOf: (name: string) => GoldenImage | undefined,
): UsableImage {
  const { parent, ...image } = report.image;
  const above = parent === undefined ? undefined : parentOf(parent);
  const mayKnowParent =
    image.owner === undefined || image.owner === clientDomain
      ? above === undefined || accessTo(above, clientDomain) !== 'no'
      : above !== undefined && accessTo(above, clientDomain) !== 'no';
  const shown = parent !== undefined && mayKnowParent ? { ...image, parent } : image;
  if (image.owner === undefined || image.owner === clientDomain) return { ...report, image: shown };
  return { ...report, image: shown, uses: 0, savedSeconds: 0, vms: 0, prepared: 0, keptBecause: [] };
}
