import { InvalidArgumentError } from 'commander';
import { parseMebibytes } from '../../model/schema/quantities.js';

/** A parser for the value of an option that is a size, written as in requests: `512`, `512MiB`, `2GiB`; in MiB. */
export function memorySize(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = parseMebibytes(text);
    if (value !== undefined && value >= least && value <= most) return value;
    throw new InvalidArgumentError(
      `Expected a size from ${least} to ${most} MiB, such as ${Math.max(least, 512)} or ${Math.max(least, 512)}MiB.`,
    );
  };
}
