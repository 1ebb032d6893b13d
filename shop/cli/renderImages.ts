import { formatAgeSince, formatBytes, formatCount, formatMiB, formatSeconds } from '../../cli/amounts.js';
import { renderTable } from '../../cli/table.js';
import type { ImageSummary } from '../client.js';

/** Golden images as a table, and what all of them take. `now` is in milliseconds since the epoch. */
export function renderImages(images: readonly ImageSummary[], now: number, wide: boolean): string {
  const table = renderTable<ImageSummary>(
    [
      { heading: 'IMAGE', cell: (image) => image.name },
      { heading: 'PLANT', cell: (image) => image.plant },
      { heading: 'SYSTEM', cell: (image) => `${image.operatingSystem} ${image.version}`.trim() },
      { heading: 'ORIGIN', cell: (image) => image.origin },
      { heading: 'OWNER', cell: (image) => image.owner ?? '' },
      { heading: 'RUNG', cell: rungOf },
      { heading: 'VCPUS', cell: (image) => String(image.vcpus), align: 'right' },
      { heading: 'MEMORY', cell: (image) => formatMiB(image.memoryMiB), align: 'right' },
      { heading: 'DISK', cell: (image) => formatMiB(image.diskMiB), align: 'right', wide: true },
      { heading: 'SIZE', cell: (image) => formatBytes(image.bytes), align: 'right' },
      { heading: 'UNIQUE', cell: (image) => formatBytes(image.uniqueBytes), align: 'right', wide: true },
      { heading: 'SHARED', cell: (image) => formatBytes(image.sharedBytes), align: 'right', wide: true },
      { heading: 'ACTIONS', cell: (image) => String(image.performed.length), align: 'right' },
      { heading: 'AGE', cell: (image) => formatAgeSince(image.createdAt, now) },
      { heading: 'PARENT', cell: (image) => image.parent ?? '', wide: true },
      { heading: 'OTHERS USE', cell: (image) => image.shared, wide: true },
      { heading: 'USES', cell: (image) => String(image.uses), align: 'right', wide: true },
      { heading: 'SAVED', cell: (image) => formatSeconds(image.savedSeconds), align: 'right', wide: true },
      { heading: 'LINES', cell: (image) => image.lines.join(','), wide: true },
      {
        heading: 'PERFORMED',
        cell: (image) => image.performed.map((action) => action.name).join(','),
        wide: true,
      },
      { heading: 'KEPT', cell: whyKept, wide: true },
    ],
    images,
    { wide },
  );
  return `${table}${renderTotals(imageTotals(images))}\n`;
}

export function rungOf(image: Pick<ImageSummary, 'warm'>): string {
  return image.warm ? 'warm' : 'disk';
}

/** `pinned` once, whether or not the plant names it among the reasons. */
export function whyKept({ pinned, keptBecause }: Pick<ImageSummary, 'pinned' | 'keptBecause'>): string {
  const named = keptBecause.some((reason) => reason.split(/[,;] /).includes('pinned'));
  return [...(pinned && !named ? ['pinned'] : []), ...keptBecause].join('; ');
}

export interface ImageTotals {
  readonly images: number;
  readonly uniqueBytes: number;
  /** Of the disks that others hang on: part of the unique bytes of those that they belong to. */
  readonly sharedBytes: number;
}

/** What images take on disk. A disk that others hang on counts once for every plant, however many they are. */
export function imageTotals(images: readonly ImageSummary[]): ImageTotals {
  const bases = new Map(
    images.flatMap((image) =>
      image.backingImage === undefined
        ? []
        : [[JSON.stringify([image.plant, image.backingImage]), image.sharedBytes] as const],
    ),
  );
  return {
    images: images.length,
    uniqueBytes: images.reduce((sum, image) => sum + image.uniqueBytes, 0),
    sharedBytes: [...bases.values()].reduce((sum, bytes) => sum + bytes, 0),
  };
}

/** `4 images, 1.2 GiB on disk, of which 800 MiB shared by siblings`. */
export function renderTotals({ images, uniqueBytes, sharedBytes }: ImageTotals): string {
  const shared = sharedBytes === 0 ? '' : `, of which ${formatBytes(sharedBytes)} shared by siblings`;
  return `${formatCount(images, 'image')}, ${formatBytes(uniqueBytes)} on disk${shared}`;
}
