import type { Command } from 'commander';
import { chooseFormat, outputOption, VALUE_FORMATS } from '../../cli/outputFormat.js';
import { printResult } from '../../cli/printResult.js';
import type { GlobalOptions } from './globalOptions.js';
import type { PlantEnvironment } from './plantEnvironment.js';

/** `vmplant version`. */
export function addVersion(program: Command, environment: PlantEnvironment): void {
  program
    .command('version')
    .description('print the version of this program')
    .addOption(outputOption(VALUE_FORMATS))
    .action(async (_options: unknown, command: Command) => {
      const format = chooseFormat(command.optsWithGlobals<GlobalOptions>().output, VALUE_FORMATS);
      const { version } = environment;
      await printResult(environment.terminal.stdout, format, { version }, () => `vmplant ${version}\n`);
    });
}
