import type { Command } from 'commander';
import type { CliEnvironment } from '../../cli/environment.js';
import { LIST_FORMATS, outputOption } from '../../cli/outputFormat.js';
import { printListing } from './printListing.js';
import { renderImages } from './renderImages.js';
import { type GlobalOptions, timeoutOf, withClient } from './shopCli.js';

/** `vmshop images`: the golden images of all plants. */
export function addImages(program: Command, environment: CliEnvironment): void {
  program
    .command('images')
    .description('list the golden images of all plants')
    .option('-q, --quiet', 'print the names alone')
    .addOption(outputOption(LIST_FORMATS))
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { readonly quiet?: boolean }>();
      const { images, unreachable } = await withClient(environment, options, (client) =>
        client.images({ timeoutMilliseconds: timeoutOf(options), signal: environment.signal }),
      );
      await printListing(
        environment,
        {
          table: (wide) => renderImages(images, environment.now(), wide),
          document: {
            images: images.map((image) => ({ ...image, createdAt: new Date(image.createdAt).toISOString() })),
            unreachable,
          },
          names: [...new Set(images.map((image) => image.name))],
          unreachable,
        },
        options,
      );
    });
}
