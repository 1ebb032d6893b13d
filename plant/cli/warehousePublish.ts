import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { CliEnvironment } from '../../cli/environment.js';
import { chooseFormat, outputOption, VALUE_FORMATS } from '../../cli/outputFormat.js';
import { printResult } from '../../cli/printResult.js';
import { warehouseDirectory } from './directories.js';
import type { GlobalOptions } from './globalOptions.js';

interface PublishOptions extends GlobalOptions {
  readonly warehouse?: string;
  readonly name?: string;
}

/** `vmplant warehouse publish DIR`: a copy of a directory that was made elsewhere becomes a golden image. */
export function addWarehousePublish(warehouse: Command, environment: CliEnvironment): void {
  warehouse
    .command('publish')
    .argument('<directory>', 'directory with image.json and the files that it names; left as it is')
    .description('publish a copy of a directory as a golden image, all or nothing')
    .option('--warehouse <DIR>', 'directory of the warehouse')
    .option('--name <NAME>', 'name in the warehouse (default: the name in the descriptor)')
    .addOption(outputOption(VALUE_FORMATS))
    .action(async (directory: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<PublishOptions>();
      const format = chooseFormat(options.output, VALUE_FORMATS);
      const { importImage } = await import('../../warehouse/importImage.js');
      const warehousePath = warehouseDirectory(environment, options.warehouse);
      await mkdir(warehousePath, { recursive: true });
      const { descriptor } = await importImage({
        warehouse: warehousePath,
        source: resolve(environment.directory, directory),
        ...(options.name === undefined ? {} : { name: options.name }),
        signal: environment.signal,
      });
      await printResult(environment.terminal.stdout, format, descriptor, () => `${descriptor.name}\n`);
    });
}
