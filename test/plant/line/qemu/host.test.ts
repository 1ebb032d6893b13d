import { describe, expect, it } from 'vitest';
import { atLeast, machineType, parseVersion, vmmName } from '../../../../plant/line/qemu/host.js';

describe('the version of QEMU', () => {
  it.each([
    [
      'QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)\nCopyright',
      { major: 7, minor: 2, micro: 22 },
    ],
    ['QEMU emulator version 10.1.0', { major: 10, minor: 1, micro: 0 }],
  ])('is read from %j', (text, version) => {
    expect(parseVersion(text)).toEqual(version);
  });

  it.each(['', 'bash: qemu: command not found', 'qemu-img version 7.2.22'])('is not read from %j', (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });

  it('decides the machine type and the name that images record', () => {
    const version = { major: 8, minor: 2, micro: 1 };
    expect(machineType(version)).toBe('pc-i440fx-8.2');
    expect(vmmName(version)).toBe('QEMU 8.2.1');
  });

  it('compares by major, then minor', () => {
    const version = { major: 8, minor: 2, micro: 0 };
    expect([
      atLeast(version, 8, 2),
      atLeast(version, 7, 9),
      atLeast(version, 8, 3),
      atLeast(version, 9, 0),
    ]).toEqual([true, true, false, false]);
  });
});
