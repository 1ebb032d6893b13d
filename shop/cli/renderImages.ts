import { formatAgeSince, formatBytes, formatMiB } from '../../cli/amounts.js';
import { renderTable } from '../../cli/table.js';
import type { ImageSummary } from '../client.js';

/** Golden images as a table. `now` is in milliseconds since the epoch. */
export function renderImages(images: readonly ImageSummary[], now: number, wide: boolean): string {
  return renderTable<ImageSummary>(
    [
      { heading: 'IMAGE', cell: (image) => image.name },
      { heading: 'PLANT', cell: (image) => image.plant },
      { heading: 'SYSTEM', cell: (image) => `${image.operatingSystem} ${image.version}`.trim() },
      { heading: 'RUNG', cell: (image) => (image.warm ? 'warm' : 'disk') },
      { heading: 'VCPUS', cell: (image) => String(image.vcpus), align: 'right' },
      { heading: 'MEMORY', cell: (image) => formatMiB(image.memoryMiB), align: 'right' },
      { heading: 'DISK', cell: (image) => formatMiB(image.diskMiB), align: 'right', wide: true },
      { heading: 'SIZE', cell: (image) => formatBytes(image.bytes), align: 'right' },
      { heading: 'ACTIONS', cell: (image) => String(image.performed.length), align: 'right' },
      { heading: 'AGE', cell: (image) => formatAgeSince(image.createdAt, now) },
      { heading: 'LINES', cell: (image) => image.lines.join(','), wide: true },
      {
        heading: 'PERFORMED',
        cell: (image) => image.performed.map((action) => action.name).join(','),
        wide: true,
      },
    ],
    images,
    { wide },
  );
}
