import type { Command } from 'commander';
import { formatAgeSince, formatBytes, formatMiB } from '../../cli/amounts.js';
import type { CliEnvironment } from '../../cli/environment.js';
import { describeProblem } from '../../cli/errorText.js';
import { escapeLine } from '../../cli/escape.js';
import { chooseFormat, LIST_FORMATS, outputOption } from '../../cli/outputFormat.js';
import { printResult } from '../../cli/printResult.js';
import { renderTable } from '../../cli/table.js';
import { write } from '../../cli/terminal.js';
import type { GoldenImage } from '../../model/goldenImage.js';
import { warehouseDirectory } from './directories.js';
import type { GlobalOptions } from './globalOptions.js';

interface ListOptions extends GlobalOptions {
  readonly warehouse?: string;
  readonly quiet?: boolean;
}

/** `vmplant warehouse list`: the golden images, and what is there but none. */
export function addWarehouseList(warehouse: Command, environment: CliEnvironment): void {
  warehouse
    .command('list')
    .alias('ls')
    .description('list the golden images')
    .option('--warehouse <DIR>', 'directory of the warehouse')
    .option('-q, --quiet', 'print the names alone')
    .addOption(outputOption(LIST_FORMATS))
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ListOptions>();
      const format = chooseFormat(options.output, LIST_FORMATS);
      const { listDescriptors } = await import('../../warehouse/listDescriptors.js');
      const directory = warehouseDirectory(environment, options.warehouse);
      const { images, problems } = await listDescriptors(directory, environment.signal);
      const { stdout, stderr } = environment.terminal;
      const document = {
        images,
        problems: problems.map(({ name, error }) => ({
          name,
          code: error.code,
          message: error.message,
          fields: error.violations,
        })),
      };
      if (options.quiet === true) await write(stdout, images.map(({ name }) => `${name}\n`).join(''));
      else {
        await printResult(stdout, format, document, () =>
          renderGoldenImages(images, environment.now(), format === 'wide'),
        );
      }
      for (const { name, error } of problems) {
        const [what = '', ...places] = describeProblem(error);
        const lines = [`warning: ${escapeLine(name)} is no usable image: ${what}`, ...places];
        await write(stderr, `${lines.join('\n  ')}\n`);
      }
    });
}

/** Golden images as a table. `now` is in milliseconds since the epoch. */
export function renderGoldenImages(images: readonly GoldenImage[], now: number, wide: boolean): string {
  return renderTable<GoldenImage>(
    [
      { heading: 'IMAGE', cell: (image) => image.name },
      { heading: 'SYSTEM', cell: ({ operatingSystem: { name, version } }) => `${name} ${version}` },
      { heading: 'RUNG', cell: (image) => (image.memory === undefined ? 'disk' : 'warm') },
      { heading: 'VCPUS', cell: (image) => String(image.hardware.vcpus), align: 'right' },
      { heading: 'MEMORY', cell: (image) => formatMiB(image.hardware.memoryMiB), align: 'right' },
      { heading: 'DISK', cell: (image) => formatMiB(image.hardware.diskMiB), align: 'right', wide: true },
      {
        heading: 'SIZE',
        cell: (image) => formatBytes(image.files.reduce((sum, file) => sum + file.bytes, 0)),
        align: 'right',
      },
      { heading: 'ACTIONS', cell: (image) => String(image.performed.length), align: 'right' },
      { heading: 'AGE', cell: (image) => formatAgeSince(Date.parse(image.created), now) },
      { heading: 'BASE', cell: (image) => image.disk.backingImage ?? '', wide: true },
      { heading: 'ACCELERATOR', cell: (image) => image.memory?.accelerator ?? '', wide: true },
      { heading: 'LINES', cell: (image) => image.lines.join(','), wide: true },
      {
        heading: 'PERFORMED',
        cell: (image) => image.performed.map(({ name }) => name).join(','),
        wide: true,
      },
    ],
    images,
    { wide },
  );
}
