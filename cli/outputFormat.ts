import { VmplantsError } from '../model/errors.js';

/** The forms that `-o` offers. Not every command knows every one. */
export type OutputFormat = 'table' | 'wide' | 'json' | 'yaml' | 'classad';

export const OUTPUT_FORMATS: readonly OutputFormat[] = ['table', 'wide', 'json', 'yaml', 'classad'];

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
