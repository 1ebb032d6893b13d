import type { Command } from 'commander';
import { drawsBoxes } from '../../cli/drawsBoxes.js';
import type { CliEnvironment } from '../../cli/environment.js';
import { escapeLine } from '../../cli/escape.js';
import { chooseFormat, LIST_FORMATS, outputOption } from '../../cli/outputFormat.js';
import { imageDocument } from './imageDocument.js';
import { printListing } from './printListing.js';
import { imageTotals, renderImages } from './renderImages.js';
import { renderImageTrees } from './renderImageTree.js';
import { type GlobalOptions, note, timeoutOf, withClient } from './shopCli.js';

interface ImagesOptions extends GlobalOptions {
  readonly domain?: string;
  readonly quiet?: boolean;
  readonly tree?: boolean;
}

/** `vmshop images`: the golden images of all plants. */
export function addImages(program: Command, environment: CliEnvironment): void {
  program
    .command('images')
    .description('list the golden images of all plants')
    .option('--domain <NAME>', 'only the images that this client domain may use')
    .option('--tree', 'draw which image was made from which')
    .option('-q, --quiet', 'print the names alone')
    .addOption(outputOption(LIST_FORMATS))
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ImagesOptions>();
      const format = chooseFormat(options.output, LIST_FORMATS);
      const { images, quarantined, unreachable } = await withClient(environment, options, (client) =>
        client.images({
          ...(options.domain === undefined ? {} : { clientDomain: options.domain }),
          timeoutMilliseconds: timeoutOf(options),
          signal: environment.signal,
        }),
      );
      const missing = options.domain === undefined ? 'gone' : 'not listed';
      await printListing(
        environment,
        {
          table: (wide) =>
            options.tree === true
              ? renderImageTrees({ images, quarantined }, { boxes: drawsBoxes(environment), missing })
              : renderImages(images, environment.now(), wide),
          document: {
            images: images.map(imageDocument),
            quarantined,
            unreachable,
            totals: imageTotals(images),
          },
          names: [...new Set(images.map((image) => image.name))],
          unreachable,
        },
        options,
      );
      const isTable = (format === 'table' || format === 'wide') && options.quiet !== true;
      if (!isTable || options.tree === true) return;
      for (const { name, plant, problem } of quarantined) {
        await note(
          environment,
          escapeLine(`warning: ${name} on ${plant} is in quarantine, nothing is cloned from it: ${problem}`),
        );
      }
    });
}
