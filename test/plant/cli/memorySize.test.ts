import { describe, expect, it } from 'vitest';
import { memorySize } from '../../../plant/cli/memorySize.js';

describe('a size on the command line', () => {
  it.each([
    ['128', 128],
    ['128MiB', 128],
    ['2GiB', 2048],
  ])('%s is %d MiB, as in a request', (text, mebibytes) => {
    expect(memorySize(32, 4096)(text)).toBe(mebibytes);
  });

  it.each(['', '16', '8GiB', '128MB', '1.5'])('refuses %j', (text) => {
    expect(() => memorySize(32, 4096)(text)).toThrow('Expected a size from 32 to 4096 MiB');
  });
});
