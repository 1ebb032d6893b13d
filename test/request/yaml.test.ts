import { describe, expect, it } from 'vitest';
import { readYaml } from '../../request/yaml.js';
import { failureOf } from './failureOf.js';

describe('YAML', () => {
  it('reads a request as people write it', () => {
    const text = [
      '# a comment',
      'operatingSystem: { name: debian, version: "12" }',
      'identity:',
      '  ssh-key: ssh-ed25519 AAAA ivan@example.org',
      'actions:',
      '  - name: install',
      '    script: |',
      '      #!/bin/sh',
      '      echo "a: b"   # stays',
      '    timeout: 60s',
      '    identity: yes',
      '  - {name: b, after: [install], onError: {retries: 2}}',
      '',
    ].join('\n');
    expect(readYaml(text)).toEqual({
      operatingSystem: { name: 'debian', version: '12' },
      identity: { 'ssh-key': 'ssh-ed25519 AAAA ivan@example.org' },
      actions: [
        { name: 'install', script: '#!/bin/sh\necho "a: b"   # stays\n', timeout: '60s', identity: 'yes' },
        { name: 'b', after: ['install'], onError: { retries: 2 } },
      ],
    });
  });

  it('knows the core schema and no more', () => {
    expect(readYaml('[1, 0o17, 0x1f, 1.5, true, no, ~, null, 2020-01-01, 12:30:45, "1", <<]')).toEqual([
      1,
      15,
      31,
      1.5,
      true,
      'no',
      null,
      null,
      '2020-01-01',
      '12:30:45',
      '1',
      '<<',
    ]);
    expect(readYaml('%YAML 1.1\n---\n[yes, 0644]')).toEqual(['yes', 644]);
  });

  it('expands aliases to complete values', () => {
    const text = 'a: &x {retries: 1}\nb: *x\nc: &y [*x, *x]\nd: *y\n';
    const one = { retries: 1 };
    expect(readYaml(text)).toEqual({ a: one, b: one, c: [one, one], d: [one, one] });
  });

  it.each([
    ['a: 1\na: 2', /line 2, column 1: the field "a" is given twice/],
    ['a:\n  b: 1\n  "b": 2', /line 3, column 3: the field "b" is given twice/],
    ['__proto__: 1', /line 1, column 1: "__proto__" is not allowed/],
    ['a: {prototype: 1}', /"prototype" is not allowed/],
    ['1: x', /line 1, column 1: expected the name of a field, as a text/],
    ['? [a]\n: x', /expected the name of a field/],
    ['a: 1\n---\nb: 2', /line 2, column 1: expected one document/],
    ['a: !!binary AAAA', /line 1, column 4: Unresolved tag/],
    ['a: !mine x', /Unresolved tag/],
    ['a: *b', /line 1, column 4: the alias "\*b" names no value/],
    ['a: &a [*a]', /line 1, column 8: the alias "\*a" names no value that is complete before it/],
    ['a: *b\nc: &b x', /alias/],
    ['a: "x', /line 1, column 6/],
    ['a:\n\t- b', /line 2, column 1: Tabs are not allowed/],
    ['a: [1, 2', /line 1/],
    ['a: b: c', /line 1, column 4/],
    ['a: "\\q"', /line 1/],
    ['a: "\u001b[31m\\q"', /^[ -~]*$/],
  ])('refuses %j', (text, message) => {
    expect(failureOf(text, 'yaml')).toMatch(message);
  });
});
