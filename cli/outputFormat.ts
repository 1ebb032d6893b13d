import { Option } from 'commander';
import { VmplantsError } from '../model/errors.js';

/** The forms that `-o` offers. Not every command knows every one. */
export type OutputFormat = 'table' | 'wide' | 'json' | 'yaml' | 'classad';

export const OUTPUT_FORMATS: readonly OutputFormat[] = ['table', 'wide', 'json', 'yaml', 'classad'];

/** Forms of a command that prints a value. */
export const VALUE_FORMATS = ['table', 'json', 'yaml'] as const;

/** Forms of a command that prints a list, of which there is more to say than fits into 80 columns. */
export const LIST_FORMATS = ['table', 'wide', 'json', 'yaml'] as const;

/**
 * `-o` as the help of one command has to show it. The program's own `-o` takes every form and gets the value, so
 * that it may stand before the command; `chooseFormat` judges it.
 */
export function outputOption(known: readonly [OutputFormat, ...OutputFormat[]]): Option {
  return new Option('-o, --output <FORMAT>', `form of the output (default: ${known[0]})`).choices([...known]);
}

/**
 * The form to write in: what was asked for, if the command knows it, else the command's default.
 * @throws VmplantsError INVALID_ARGUMENT for a form that the command does not know
 */
export function chooseFormat<Format extends OutputFormat>(
  asked: string | undefined,
  known: readonly [Format, ...Format[]],
): Format {
  if (asked === undefined) return known[0];
  const format = known.find((one) => one === asked);
  if (format === undefined) {
    throw new VmplantsError(
      'INVALID_ARGUMENT',
      `-o: expected ${known.join(', ')}; found ${JSON.stringify(asked)}`,
      {
        reason: 'USAGE',
      },
    );
  }
  return format;
}

/**
 * Whether errors are to be written as JSON. Looks at the arguments themselves, because a wrong command line is an
 * error too, and is found before anything was parsed.
 */
export function wantsJsonErrors(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const flags = end === -1 ? args : args.slice(0, end);
  return flags.some(
    (argument, index) =>
      argument === '-ojson' ||
      argument === '-o=json' ||
      argument === '--output=json' ||
      ((argument === '-o' || argument === '--output') && flags[index + 1] === 'json'),
  );
}
