import { describe, expect, it } from 'vitest';
import { requestSchemaText } from '../../docs/requestSchema.js';
import { canonicalJson, sha256 } from '../../model/canonical.js';
import { decodeBase64 } from '../../model/schema/base64.js';
import { FIELD_NAMES } from '../../model/schema/describeIssue.js';
import { didYouMean } from '../../model/schema/didYouMean.js';
import { isHostname } from '../../model/schema/names.js';
import { parseMebibytes, parseSeconds } from '../../model/schema/quantities.js';
import { normaliseScript } from '../../model/schema/script.js';
import { quote } from '../../model/schema/text.js';
import { fieldName } from '../../model/schema/violations.js';

describe('sizes', () => {
  it.each([
    [512, 512],
    ['512', 512],
    ['512MiB', 512],
    ['512 MiB', 512],
    ['2GiB', 2048],
    ['1.5GiB', 1536],
    ['1TiB', 1_048_576],
    [0, 0],
  ])('reads %s', (written, mebibytes) => {
    expect(parseMebibytes(written)).toBe(mebibytes);
  });

  it.each([
    '512MB',
    '512mib',
    'GiB',
    '-1',
    '1e3',
    '',
    '0.3MiB',
    '1,5GiB',
    '0x10',
    -1,
    0.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ])('refuses %s', (written) => {
    expect(parseMebibytes(written)).toBeUndefined();
  });
});

describe('durations', () => {
  it.each([
    [90, 90],
    ['90', 90],
    ['500ms', 0.5],
    ['60s', 60],
    ['5m', 300],
    ['1h', 3600],
    ['7d', 604_800],
    ['1.5h', 5400],
  ])('reads %s', (written, seconds) => {
    expect(parseSeconds(written)).toBeCloseTo(seconds, 9);
  });

  it.each(['5M', '1w', '1h30m', '-5s', 's', '', 'constructor', 0, -1, Number.NaN])(
    'refuses %s',
    (written) => {
      expect(parseSeconds(written)).toBeUndefined();
    },
  );
});

describe('scripts', () => {
  it.each([
    ['a', 'a\n'],
    ['a\n\n\n', 'a\n'],
    ['\n \t\n\n  a\r\nb \t\r\n', '  a\nb\n'],
    ['a\rb', 'a\rb\n'],
    [' \n\t', ''],
    ['', ''],
    ['#!/bin/sh\n\n x\n', '#!/bin/sh\n\n x\n'],
  ])('%j becomes %j', (script, normalised) => {
    expect(normaliseScript(script)).toBe(normalised);
    expect(normaliseScript(normalised)).toBe(normalised);
  });
});

describe('canonical JSON', () => {
  it('sorts fields, leaves absent ones out and escapes as JSON does', () => {
    expect(canonicalJson({ b: 1, a: [true, null, 'ü"\n'], c: undefined, A: {} })).toBe(
      '{"A":{},"a":[true,null,"ü\\"\\n"],"b":1}',
    );
  });

  it('digests text as UTF-8', () => {
    expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(sha256('ü')).toBe(sha256(Uint8Array.of(0xc3, 0xbc)));
  });
});

describe('host names', () => {
  it.each(['a', 'ws1', 'WS-1', '1a', 'a.b-c.d', 'x'.repeat(63)])('takes %s', (name) =>
    expect(isHostname(name)).toBe(true),
  );
  it.each(['', '-a', 'a-', 'a..b', '.a', 'a.', 'a_b', 'ü', 'a b', 'x'.repeat(64), `${'a.'.repeat(32)}aa`])(
    'refuses %s',
    (name) => expect(isHostname(name)).toBe(false),
  );
});

describe('small things', () => {
  it('decodes base64 strictly, but for white space', () => {
    expect(decodeBase64(' AA\nEC/w==\n')).toEqual(Uint8Array.of(0, 1, 2, 255));
    expect(decodeBase64('')).toEqual(new Uint8Array());
    for (const wrong of ['A', 'AA', 'AAA', 'AA=', 'AB==', 'AA-_', 'AA==AA==', '===='])
      expect(decodeBase64(wrong)).toBeUndefined();
  });

  it('suggests what is near and nothing else', () => {
    const names = ['install', 'user', 'address', 'mount'];
    expect(didYouMean('instal', names)).toBe('install');
    expect(didYouMean('isntall', names)).toBe('install');
    expect(didYouMean('INSTALL', names)).toBe('install');
    expect(didYouMean('uesr', names)).toBe('user');
    expect(didYouMean('verify', names)).toBeUndefined();
    expect(didYouMean('x', names)).toBeUndefined();
    expect(didYouMean('mounted', names)).toBe('mount');
  });

  it('shows text from outside cut and escaped', () => {
    expect(quote('a"\n\u001b[31m\u202eü')).toBe('"a\\"\\n\\u001b[31m\\u202e\\u00fc"');
    expect(quote('x'.repeat(100)).length).toBe(65);
  });

  it('writes field paths', () => {
    expect(fieldName(['actions', 2, 'after', 0])).toBe('actions[2].after[0]');
    expect(fieldName(['identity', 'ssh-key'])).toBe('identity.ssh-key');
    expect(fieldName(['identity', 'a.b\n'])).toBe('identity["a.b\\n"]');
    expect(fieldName([])).toBe('');
  });

  it('knows every field name of the schema for its suggestions', () => {
    const names = new Set<string>();
    const collect = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [key, inner] of Object.entries(value)) {
        if (key === 'properties') for (const name of Object.keys(inner as object)) names.add(name);
        collect(inner);
      }
    };
    collect(JSON.parse(requestSchemaText()));
    expect([...names].sort()).toEqual([...FIELD_NAMES].sort());
  });
});
