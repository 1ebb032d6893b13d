import type { CliEnvironment } from '../../cli/environment.js';
import { escapeLine } from '../../cli/escape.js';
import { chooseFormat, LIST_FORMATS } from '../../cli/outputFormat.js';
import { printResult } from '../../cli/printResult.js';
import { note, print } from './shopCli.js';

/** A list in every form that a list has. */
export interface Listing {
  readonly table: (wide: boolean) => string;
  readonly document: unknown;
  /** What `-q` prints, one a line; absent where the command has no such. */
  readonly names?: readonly string[];
  /** Plants that could not be asked: what they hold is missing. */
  readonly unreachable?: readonly string[];
}

/** Writes a list in the form that was asked for, and says on stderr where it may be incomplete. */
export async function printListing(
  environment: CliEnvironment,
  listing: Listing,
  options: { readonly output?: string; readonly quiet?: boolean },
): Promise<void> {
  const format = chooseFormat(options.output, LIST_FORMATS);
  if (options.quiet === true && listing.names !== undefined) {
    await print(environment, listing.names.map((name) => `${escapeLine(name)}\n`).join(''));
  } else {
    await printResult(environment.terminal.stdout, format, listing.document, () =>
      listing.table(format === 'wide'),
    );
  }
  for (const plant of listing.unreachable ?? []) {
    await note(
      environment,
      `warning: plant ${escapeLine(plant)} did not answer; what it holds is missing here`,
    );
  }
}
