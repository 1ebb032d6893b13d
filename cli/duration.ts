import { VmplantsError } from '../model/errors.js';

const UNIT_MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** What a timer of Node.js can hold. */
const LONGEST_MILLISECONDS = 2 ** 31 - 1;

/**
 * Reads the duration of a flag: `500ms`, `30s`, `5m`, `1h`, or a number of seconds.
 * @returns milliseconds, more than 0
 * @throws VmplantsError INVALID_ARGUMENT naming the flag
 */
export function parseDuration(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  const milliseconds =
    match === null ? Number.NaN : Number(match[1]) * (UNIT_MILLISECONDS[match[2] ?? 's'] ?? Number.NaN);
  if (!(milliseconds >= 1 && milliseconds <= LONGEST_MILLISECONDS)) {
    throw new VmplantsError(
      'INVALID_ARGUMENT',
      `${flag}: expected a duration such as 500ms, 30s, 5m or 1h, found ${JSON.stringify(text)}`,
      { reason: 'USAGE' },
    );
  }
  return Math.round(milliseconds);
}
