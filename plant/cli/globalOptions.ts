import { type Command, Option } from 'commander';
import { OUTPUT_FORMATS } from '../../cli/outputFormat.js';

/** Options that every command of `vmplant` takes. */
export interface GlobalOptions {
  readonly output?: string;
}

export function addGlobalOptions(program: Command): void {
  program.addOption(
    new Option('-o, --output <FORMAT>', 'form of the output').choices(
      OUTPUT_FORMATS.filter((format) => format !== 'classad'),
    ),
  );
}
