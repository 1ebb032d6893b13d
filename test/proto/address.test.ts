import { describe, expect, it } from 'vitest';
import { VmplantsError } from '../../model/errors.js';
import { parseAddress } from '../../proto/address.js';

describe('an address', () => {
  it.each([
    ['127.0.0.1:7070', 'ipv4:127.0.0.1:7070', true],
    ['127.9.9.9:0', 'ipv4:127.9.9.9:0', true],
    ['localhost:7070', 'dns:localhost:7070', true],
    ['[::1]:7070', 'ipv6:[::1]:7070', true],
    ['unix:/run/vmshop.sock', 'unix:/run/vmshop.sock', true],
    ['0.0.0.0:7070', 'ipv4:0.0.0.0:7070', false],
    ['[::]:7070', 'ipv6:[::]:7070', false],
    ['10.0.0.7:7071', 'ipv4:10.0.0.7:7071', false],
    ['plant-3.example.org:7071', 'dns:plant-3.example.org:7071', false],
    // Looks like a loopback address and is a name that anyone may own.
    ['127.0.0.1.example.org:7071', 'dns:127.0.0.1.example.org:7071', false],
  ])('%s', (text, target, local) => {
    expect(parseAddress(text)).toEqual({ target, local });
  });

  it.each([
    '',
    'host',
    'host:',
    ':7070',
    'host:70700',
    'host:-1',
    '::1:7070',
    'xds:///evil:1',
    'dns:///x:1',
    'a b:1',
    'host\n:1',
    '-x:1',
    'unix:',
    'unix:/a\0b',
    `unix:/${'a'.repeat(108)}`,
  ])('%j is none', (text) => {
    expect(() => parseAddress(text)).toThrow(VmplantsError);
  });
});
