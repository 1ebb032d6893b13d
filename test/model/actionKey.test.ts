import { describe, expect, it } from 'vitest';
import { createOrder } from '../../model/createOrder.js';
import { requestWith } from './violationsOf.js';

const base = {
  name: 'a',
  script: 'echo a',
  files: [
    { path: 'x', content: '1' },
    { path: 'y', content: '2' },
  ],
  parameters: { p: '1', q: '2' },
  environment: { A: '1', B: '2' },
};

function keyOf(
  action: Readonly<Record<string, unknown>>,
  identity: Readonly<Record<string, string>> = {},
): string {
  return (
    createOrder(
      requestWith(
        [action, { name: 'zz', script: 'zz', after: ['a', 'b'].filter((name) => name === action.name) }],
        { identity },
      ),
    ).dag.actions[0]?.key ?? ''
  );
}

describe('the key of an action', () => {
  it('is stable: images that are already published depend on it', () => {
    expect(keyOf({ name: 'a', script: 'echo a' })).toBe(
      '0d8d8176473694bf63cbc2cc7e394882715786e99712ff90d17811990662f9b6',
    );
    expect(keyOf(base)).toBe('01498a6fdbe243a3219bc5f5e4c6635828c3a8cb9be5a82b409fb2c69bef383f');
    expect(keyOf({ name: 'a', host: { addNetworkInterface: {} } })).toBe(
      '004387607b5424f4fc80b544ee71d5baa36b42c8c27543d1c51eef5eb43102e1',
    );
  });

  it('is, of an opaque action, the one that it was published with', () => {
    const opaque = 'f0'.repeat(32);
    expect(keyOf({ name: 'a', opaque })).toBe(opaque);
    expect(keyOf({ name: 'b', opaque })).toBe(opaque);
  });

  it.each([
    ['its name', { ...base, name: 'b' }],
    ['its time limit', { ...base, timeout: 7 }],
    ['its age limit', { ...base, maxAge: '1d' }],
    ['its mark as an identity action', { ...base, identity: true }],
    [
      'retries and handler',
      {
        ...base,
        onError: { retries: 3, handler: { actions: [{ name: 'h', script: 'h' }] }, then: { goOnAt: 'zz' } },
      },
    ],
    ['the order of files', { ...base, files: [...base.files].reverse() }],
    ['the order of parameters', { ...base, parameters: { q: '2', p: '1' } }],
    [
      'the way bytes are given',
      {
        ...base,
        files: [
          { path: 'x', base64: 'MQ==', mode: '0644' },
          { path: 'y', content: Uint8Array.of(50) },
        ],
      },
    ],
    ['line ends and blank lines around a script', { ...base, script: '\n \r\necho a \r\n\n' }],
  ])('does not depend on %s', (_, action) => {
    expect(keyOf(action)).toBe(keyOf(base));
  });

  const changed: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ['the script', { ...base, script: 'echo b' }],
    ['the indentation of the first line', { ...base, script: '  echo a' }],
    ['blank lines inside a script', { ...base, script: 'echo\n\na' }],
    ['a value of a parameter', { ...base, parameters: { p: '1', q: '3' } }],
    ['a name of a parameter', { ...base, parameters: { p: '1', r: '2' } }],
    ['a variable', { ...base, environment: { A: '1', B: '3' } }],
    [
      'a parameter that becomes a variable',
      { ...base, parameters: { p: '1' }, environment: { ...base.environment, q: '2' } },
    ],
    [
      'the content of a file',
      {
        ...base,
        files: [
          { path: 'x', content: '1' },
          { path: 'y', content: '3' },
        ],
      },
    ],
    [
      'the path of a file',
      {
        ...base,
        files: [
          { path: 'x', content: '1' },
          { path: 'z', content: '2' },
        ],
      },
    ],
    [
      'the mode of a file',
      {
        ...base,
        files: [
          { path: 'x', content: '1' },
          { path: 'y', content: '2', mode: '0755' },
        ],
      },
    ],
    ['an identity in place of a literal', { ...base, parameters: { p: '1', q: { identity: 'q' } } }],
    ['the name of the identity parameter', { ...base, parameters: { p: '1', q: { identity: 'r' } } }],
  ];
  it('depends on everything that decides the effect', () => {
    const identity = { q: '2', r: '2' };
    const keys = [keyOf(base, identity), ...changed.map(([, action]) => keyOf(action, identity))];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('depends on the value of an identity parameter that is used, and on no other', () => {
    const action = { ...base, parameters: { u: { identity: 'user' } } };
    expect(keyOf(action, { user: 'ivan' })).not.toBe(keyOf(action, { user: 'anna' }));
    expect(keyOf(action, { user: 'ivan', other: '1' })).toBe(keyOf(action, { user: 'ivan', other: '2' }));
    expect(keyOf(base, { user: 'ivan' })).toBe(keyOf(base, { user: 'anna' }));
  });

  it('of a host action depends on the operation, and for a disk on the serial number that the guest sees', () => {
    const disk = (name: string, size: string) => keyOf({ name, host: { addDisk: { size } } });
    expect(disk('a', '1GiB')).toBe(disk('a', '1024MiB'));
    expect(disk('a', '1GiB')).not.toBe(disk('a', '2GiB'));
    expect(disk('a', '1GiB')).not.toBe(disk('b', '1GiB'));
    const iso = (name: string, label: string, content: string) =>
      keyOf({ name, host: { attachIso: { label, files: [{ path: 'f', content }] } } });
    expect(iso('a', 'L', 'x')).toBe(iso('b', 'L', 'x'));
    expect(new Set([iso('a', 'L', 'x'), iso('a', 'M', 'x'), iso('a', 'L', 'y')]).size).toBe(3);
    expect(keyOf({ name: 'a', host: { addNetworkInterface: {} } })).toBe(
      keyOf({ name: 'b', host: { addNetworkInterface: {} } }),
    );
  });
});
