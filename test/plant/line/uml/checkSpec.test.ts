import { describe, expect, it } from 'vitest';
import { checkSpec } from '../../../../plant/line/uml/checkSpec.js';
import { checkDirectory, checkPath } from '../../../../plant/line/uml/cloneFiles.js';
import { umlSpec } from './umlSpec.js';

describe('checkSpec', () => {
  it('takes what the line can make', () => {
    expect(() => checkSpec(umlSpec())).not.toThrow();
    expect(() => checkSpec(umlSpec({ network: 'none', macs: [] }))).not.toThrow();
  });

  it.each([
    ['two processors', { vcpus: 2 }],
    ['a frozen memory', { rung: 'warm' }],
    ['less memory than its kernel needs', { memoryMiB: 32 }],
    ['an address that is none', { macs: ['52:54:00:00:00:01,x'] }],
    ['too few addresses', { macs: [] }],
    ['a name that is none', { vmid: '../x' }],
    ['a relative directory', { directory: 'vms/vm-1' }],
  ] as const)('refuses %s', (_what, changed) => {
    expect(() => checkSpec(umlSpec(changed))).toThrow(
      expect.objectContaining({ code: 'FAILED_PRECONDITION', reason: 'SPEC_UNSUITABLE' }),
    );
  });
});

describe('paths', () => {
  // Each would end the path, or begin something else, on the kernel's command line or in a command of the console.
  it.each(['/data/a b', '/data/a,b', '/data/a:b', '/data/a"b', '/data/a\nb', 'data', `/${'x'.repeat(400)}`])(
    '%j is refused',
    (path) => {
      expect(() => checkPath('it', path)).toThrow(expect.objectContaining({ reason: 'PATH_UNSUITABLE' }));
    },
  );

  it('of a clone must leave room for the socket of the management console', () => {
    expect(() => checkDirectory(`/${'x'.repeat(80)}`)).not.toThrow();
    expect(() => checkDirectory(`/${'x'.repeat(90)}`)).toThrow(
      expect.objectContaining({ reason: 'PATH_TOO_LONG' }),
    );
  });
});
