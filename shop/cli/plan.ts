import type { Command } from 'commander';
import { named } from '../../cli/aboutFile.js';
import { CommandEnd } from '../../cli/commandEnd.js';
import type { CliEnvironment } from '../../cli/environment.js';
import { EXIT } from '../../cli/exitCode.js';
import { chooseFormat, outputOption, VALUE_FORMATS } from '../../cli/outputFormat.js';
import { printResult } from '../../cli/printResult.js';
import { offersDocument, renderOffers } from './renderOffers.js';
import { addRequestOptions, type RequestOptions, readRequest } from './requestOptions.js';
import { type GlobalOptions, timeoutOf, withClient } from './shopCli.js';

/** `vmshop plan -f FILE`: the dry run. Exits with 5 when no plant would bid, after having said why. */
export function addPlan(program: Command, environment: CliEnvironment): void {
  addRequestOptions(program.command('plan'))
    .description('dry run: what each plant would bid, clone and run, and why the others lose')
    .addOption(outputOption(VALUE_FORMATS))
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & RequestOptions>();
      const format = chooseFormat(options.output, VALUE_FORMATS);
      const request = await readRequest(environment, options);
      const answer = await withClient(environment, options, (client) =>
        named(options.file, () =>
          client.plan(request, { timeoutMilliseconds: timeoutOf(options), signal: environment.signal }),
        ),
      );
      await printResult(environment.terminal.stdout, format, offersDocument(answer), () =>
        renderOffers(answer),
      );
      if (answer.offers.length === 0) throw new CommandEnd(EXIT.noBid);
    });
}
