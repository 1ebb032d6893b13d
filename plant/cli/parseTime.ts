import { InvalidArgumentError } from 'commander';

/** Reads an RFC 3339 time with a zone, as milliseconds since the epoch. */
export function parseTime(text: string): number {
  const time = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text.replace(' ', 'T'))
    : Number.NaN;
  if (Number.isNaN(time)) {
    throw new InvalidArgumentError('Expected a time such as 2026-11-20T09:30:00Z.');
  }
  return time;
}
