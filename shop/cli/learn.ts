import type { Command } from 'commander';
import type { CliEnvironment } from '../../cli/environment.js';
import { chooseFormat, outputOption, VALUE_FORMATS } from '../../cli/outputFormat.js';
import { printListing } from './printListing.js';
import { renderLearning } from './renderLearning.js';
import { type GlobalOptions, note, timeoutOf, withClient } from './shopCli.js';

/** `vmshop learn`: what the plants have learned from their orders, and what they do about it. */
export function addLearn(program: Command, environment: CliEnvironment): void {
  program
    .command('learn')
    .description(
      'have the plants bake and evict golden images by what they were asked for, and say what and why',
    )
    .option('--dry-run', 'only say what would be done')
    .addOption(outputOption(VALUE_FORMATS))
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { readonly dryRun?: boolean }>();
      const format = chooseFormat(options.output, VALUE_FORMATS);
      const dryRun = options.dryRun === true;
      const { reports, unreachable } = await withClient(environment, options, (client) =>
        client.learn({ dryRun, timeoutMilliseconds: timeoutOf(options), signal: environment.signal }),
      );
      await printListing(
        environment,
        {
          table: () => reports.map((report) => renderLearning(report, dryRun)).join('\n'),
          document: { dryRun, reports, unreachable },
          unreachable,
        },
        { output: format },
      );
      const begins = reports.some(
        ({ enabled, bake, evict }) => enabled && (bake.length > 0 || evict.length > 0),
      );
      if (!dryRun && begins) {
        await note(environment, 'the plants begin with it as soon as no creation goes on');
      }
    });
}
