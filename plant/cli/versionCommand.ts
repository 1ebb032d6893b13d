import type { Command } from 'commander';
import { chooseFormat } from '../../cli/outputFormat.js';
import { printResult } from '../../cli/printResult.js';
import type { GlobalOptions } from './globalOptions.js';
import type { PlantEnvironment } from './plantEnvironment.js';

/** `vmplant version`. */
export function addVersion(program: Command, environment: PlantEnvironment): void {
  program
    .command('version')
    .description('print the version of this program')
    .action(async (_options: unknown, command: Command) => {
      const format = chooseFormat(command.optsWithGlobals<GlobalOptions>().output, ['table', 'json', 'yaml']);
      const { version } = environment;
      await printResult(environment.terminal.stdout, format, { version }, () => `vmplant ${version}\n`);
    });
}
