import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../cli/duration.js';
import type { VmplantsError } from '../../model/errors.js';

describe('the duration of a flag', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['2.5s', 2500],
    ['90', 90_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
  ])('reads %s as %d ms', (text, milliseconds) => {
    expect(parseDuration(text, '--timeout')).toBe(milliseconds);
  });

  it.each(['', '0', '-1s', '5d', 's', '1e3', '5 m', '99999h', 'Infinity'])('refuses %j', (text) => {
    expect(() => parseDuration(text, '--timeout')).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining('--timeout'),
      }) as unknown as VmplantsError,
    );
  });
});
