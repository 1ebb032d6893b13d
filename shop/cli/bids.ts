import type { Command } from 'commander';
import { named } from '../../cli/aboutFile.js';
import { CommandEnd } from '../../cli/commandEnd.js';
import type { CliEnvironment } from '../../cli/environment.js';
import { EXIT } from '../../cli/exitCode.js';
import { LIST_FORMATS, outputOption } from '../../cli/outputFormat.js';
import { printListing } from './printListing.js';
import { renderBids } from './renderBids.js';
import { addRequestOptions, type RequestOptions, readRequest } from './requestOptions.js';
import { type GlobalOptions, timeoutOf, withClient } from './shopCli.js';

/** `vmshop bids -f FILE`: the bids, cheapest first. Exits with 5 when there is none. */
export function addBids(program: Command, environment: CliEnvironment): void {
  addRequestOptions(program.command('bids'))
    .description('ask for bids, cheapest first, without creating anything')
    .addOption(outputOption(LIST_FORMATS))
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & RequestOptions>();
      const request = await readRequest(environment, options);
      const { bids, refusals } = await withClient(environment, options, (client) =>
        named(options.file, () =>
          client.bids(request, { timeoutMilliseconds: timeoutOf(options), signal: environment.signal }),
        ),
      );
      await printListing(
        environment,
        { table: (wide) => renderBids(bids, refusals, wide), document: { bids, refusals } },
        options,
      );
      if (bids.length === 0) throw new CommandEnd(EXIT.noBid);
    });
}
