import { Option } from 'commander';
import { parseDuration } from '../../cli/duration.js';

export interface MaxAgeOption {
  readonly maxAge?: string;
}

/** Of commands that the shop can answer from its memory. */
export function maxAgeOption(): Option {
  return new Option(
    '--max-age <DURATION>',
    'be content with what a plant said at most so long ago, for example 10s (default: ask the plants)',
  );
}

/** @throws VmplantsError INVALID_ARGUMENT when it is no duration */
export function maxAgeOf({ maxAge }: MaxAgeOption): { readonly maxAgeMilliseconds?: number } {
  return maxAge === undefined ? {} : { maxAgeMilliseconds: parseDuration(maxAge, '--max-age') };
}
