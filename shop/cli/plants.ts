import type { Command } from 'commander';
import type { CliEnvironment } from '../../cli/environment.js';
import { LIST_FORMATS, outputOption } from '../../cli/outputFormat.js';
import { printListing } from './printListing.js';
import { renderPlants } from './renderPlants.js';
import { type GlobalOptions, timeoutOf, withClient } from './shopCli.js';

/** `vmshop plants`: the plants that the shop knows, with their load. */
export function addPlants(program: Command, environment: CliEnvironment): void {
  program
    .command('plants')
    .description('list the plants and how loaded they are')
    .option('-q, --quiet', 'print the names alone')
    .addOption(outputOption(LIST_FORMATS))
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { readonly quiet?: boolean }>();
      const plants = await withClient(environment, options, (client) =>
        client.plants({ timeoutMilliseconds: timeoutOf(options), signal: environment.signal }),
      );
      await printListing(
        environment,
        {
          table: (wide) => renderPlants(plants, wide),
          document: { plants },
          names: plants.flatMap((plant) => (plant.name === '' ? [] : [plant.name])),
        },
        options,
      );
    });
}
