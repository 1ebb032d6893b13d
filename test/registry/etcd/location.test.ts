import { describe, expect, it } from 'vitest';
import { isLocal, readLocation } from '../../../registry/etcd/location.js';

describe('where etcd is', () => {
  it.each<[string, readonly string[]]>([
    ['http://127.0.0.1:2379', ['http://127.0.0.1:2379']],
    ['http://localhost', ['http://localhost:2379']],
    ['http://localhost:80/', ['http://localhost:80']],
    ['http://[::1]:1, http://127.0.0.2:2', ['http://[::1]:1', 'http://127.0.0.2:2']],
    ['http://localhost:1,http://localhost:1', ['http://localhost:1']],
  ])('is read of %j', (text, endpoints) => {
    expect(readLocation(text, undefined, false)).toEqual({ endpoints, prefix: '/vmplants/' });
  });

  it('may be on another machine only when that is allowed', () => {
    const text = 'http://127.0.0.1:1,http://etcd.example:2379';
    expect(() => readLocation(text, undefined, false)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', reason: 'INSECURE_ADDRESS' }),
    );
    const location = readLocation(text, '/site-1/vms/', true);
    expect(location).toEqual({
      endpoints: ['http://127.0.0.1:1', 'http://etcd.example:2379'],
      prefix: '/site-1/vms/',
    });
    expect(isLocal(location)).toBe(false);
    expect(isLocal(readLocation('http://[::1]:1', undefined, false))).toBe(true);
  });

  it.each([
    '',
    'localhost:2379',
    'https://localhost:2379',
    'http://user:hunter2@localhost:1',
    'http://localhost/path',
    'http://localhost:1,',
    'http://localhost:99999',
    'unix:/run/etcd.sock',
    Array.from({ length: 17 }, (_, index) => `http://localhost:${index + 1}`).join(','),
  ])('is not read of %j', (text) => {
    expect(() => readLocation(text, undefined, true)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        reason: 'USAGE',
        message: expect.not.stringContaining('hunter2'),
      }),
    );
  });

  it.each(['', '/', 'vmplants/', '/vmplants', '//', '/a b/', '/a\n/', `/${'a'.repeat(65)}/`])(
    'has no keys that begin with %j',
    (prefix) => {
      expect(() => readLocation('http://localhost', prefix, false)).toThrow(
        expect.objectContaining({
          code: 'INVALID_ARGUMENT',
          message: expect.stringContaining('--etcd-prefix'),
        }),
      );
    },
  );
});
