import type { Command } from 'commander';
import type { CliEnvironment } from '../../cli/environment.js';

import { invalidArgument } from '../../model/errors.js';

/** The options of commands that take a request. */
export interface RequestOptions {
  readonly file: string;
  readonly allowOutside?: boolean;
}

export function addRequestOptions(command: Command): Command {
  return command
    .requiredOption('-f, --file <FILE>', 'request as YAML, JSON or XML; - is standard input')
    .option('--allow-outside', 'let the request name source files outside of its own directory');
}

/** The request in the plain shape, with its local files read in. */
export async function readRequest(environment: CliEnvironment, options: RequestOptions): Promise<object> {
  // Parsers are loaded where a request is read, so that other commands start fast.
  const { readRequestFile } = await import('../../cli/requestFile.js');
  const plain = await readRequestFile(environment, options.file, {
    allowOutside: options.allowOutside === true,
  });
  if (typeof plain === 'object' && plain !== null) return plain;
  throw invalidArgument([{ field: '', description: 'expected a mapping with operatingSystem and actions' }]);
}
