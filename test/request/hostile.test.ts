import { describe, expect, it } from 'vitest';
import { createOrder } from '../../model/createOrder.js';
import { type RequestFormat, readRequest } from '../../request/readRequest.js';
import { bytesOf, failureOf } from './failureOf.js';

/** Ten levels of ten aliases each: ten thousand million values. */
const bomb = [
  'a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
  ...[...Array(10).keys()].map((n) => `a${n + 1}: &a${n + 1} [${Array(10).fill(`*a${n}`).join(', ')}]`),
].join('\n');

/**
 * Input that is made to hurt. That it is refused cheaply is not asserted by the clock: every one of these would need
 * minutes, gigabytes or the whole stack if its bound were not there, and so run into the time limit of the test.
 */
describe('hostile input is refused, and says where', () => {
  const cases: readonly (readonly [string, RequestFormat, string, RegExp])[] = [
    [
      'aliases that expand to ten thousand million values',
      'yaml',
      bomb,
      /line \d+, column \d+: expected at most 100000 values/,
    ],
    ['10,000 nested lists', 'yaml', `a: ${'['.repeat(10_000)}`, /nested at most 32 deep/],
    ['10,000 nested objects', 'yaml', `a: ${'{a: '.repeat(10_000)}`, /nested at most 32 deep/],
    ['10,000 nested block lists', 'yaml', `${'- '.repeat(10_000)}x`, /nested at most 32 deep/],
    [
      '2,000 nested block objects',
      'yaml',
      [...Array(2000).keys()].map((n) => `${' '.repeat(n)}a:`).join('\n'),
      /nested at most 32 deep/,
    ],
    ['10,000 nested lists', 'json', '['.repeat(10_000), /line 1, column 34: .*nested at most 32 deep/],
    ['10,000 nested objects', 'json', '{"a":'.repeat(10_000), /nested at most 32 deep/],
    ['10,000 nested elements', 'xml', '<request>'.repeat(10_000), /nested at most 40 deep/],
    [
      'a million character references',
      'xml',
      `<request><line>${'&#97;'.repeat(1_000_000)}</line></request>`,
      /at most 10000 references/,
    ],
    [
      'an entity bomb',
      'xml',
      '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><request>&b;</request>',
      /line 1, column 1: a DOCTYPE/,
    ],
    [
      'an external entity',
      'xml',
      '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><request>&a;</request>',
      /a DOCTYPE/,
    ],
    [
      'a million attributes',
      'xml',
      `<request ${[...Array(100_000).keys()].map((n) => `a${n}=""`).join(' ')}/>`,
      /at most 32 attributes/,
    ],
    ['a million unclosed tags', 'xml', '<'.repeat(1_000_000), /name of an element/],
    ['a million spaces in a tag', 'xml', `<request ${' '.repeat(1_000_000)}x`, /expected name="value"/],
    [
      'an open quote before a million quotes',
      'xml',
      `<request a="${"'".repeat(1_000_000)}`,
      /expected name="value"/,
    ],
    ['200,000 elements', 'xml', `<request>${'<a/>'.repeat(200_000)}</request>`, /at most 50000 elements/],
    ['a million values', 'json', `[${'1,'.repeat(1_000_000)}1]`, /at most 5000 entries in one list/],
    [
      'a million values in many lists',
      'json',
      `[${`[${'1,'.repeat(4_999)}1],`.repeat(50)}1]`,
      /at most 100000 values/,
    ],
    [
      '100,000 fields',
      'json',
      `{${[...Array(100_000).keys()].map((n) => `"a${n}":1`).join(',')}}`,
      /at most 256 fields in one object/,
    ],
    ...['__proto__', 'constructor', 'prototype'].flatMap((name) =>
      (
        [
          ['json', `{"a":{"${name}":{"b":1}}}`],
          ['yaml', `a:\n  ${name}: {b: 1}`],
          ['xml', `<request><identity><parameter name="${name}">b</parameter></identity></request>`],
        ] as const
      ).map(
        ([format, text]) =>
          [`a field called ${name}`, format, text, /line \d, column \d+: .*not allowed as the name/] as const,
      ),
    ),
    ['a million backslashes', 'json', `"${'\\'.repeat(1_000_001)}`, /ends on its line/],
    ['100,000 anchors on one value', 'yaml', '&a '.repeat(100_000), /at most 1000 anchors/],
    ['100,000 tags on one value', 'yaml', '!a '.repeat(100_000), /at most 1000 anchors/],
    [
      '100,000 fields',
      'yaml',
      [...Array(100_000).keys()].map((n) => `a${n}: 1`).join('\n'),
      /at most 150000 tokens/,
    ],
    ['a million comments that do not end', 'xml', `<request>${'<!--'.repeat(1_000_000)}`, /"--" in it/],
    [
      'a DOCTYPE that does not end',
      'xml',
      `<!DOCTYPE r [${'<!ENTITY a "a">'.repeat(200_000)}`,
      /line 1, column 1: a DOCTYPE/,
    ],
    ['a million empty lines', 'yaml', '\n'.repeat(1_000_000), /at most 150000 tokens/],
  ];
  it.each(cases.map(([name, format, text, message]) => ({ name, format, text, message })))(
    '$format: $name',
    ({ format, text, message }) => {
      expect(failureOf(text, format)).toMatch(message);
    },
  );

  it.each(['yaml', 'json', 'xml'] as const)('%s: 100 MB, without reading them', (format) => {
    expect(failureOf(new Uint8Array(100_000_000), format)).toMatch(
      /at most 67108864 bytes \(64 MiB\), found 100000000/,
    );
  });

  it.each(['yaml', 'json', 'xml'] as const)('%s: bytes that are no UTF-8', (format) => {
    expect(failureOf(Uint8Array.of(0x7b, 0xff, 0x7d), format)).toMatch(/UTF-8/);
  });

  it.each([
    [
      'yaml',
      'operatingSystem: {name: a}\nactions:\n- {name: b, script: x, after: [c]}\n- {name: c, script: x, after: [b]}',
    ],
    [
      'json',
      '{"operatingSystem":{"name":"a"},"actions":[{"name":"b","script":"x","after":["c"]},{"name":"c","script":"x","after":["b"]}]}',
    ],
    [
      'xml',
      '<request><operating-system name="a"/><dag><action name="b"><after>c</after><script>x</script></action><action name="c"><after>b</after><script>x</script></action></dag></request>',
    ],
  ] as const)('%s: a cyclic graph, by the path of the field in every format', (format, text) => {
    expect(() => createOrder(readRequest(bytesOf(text), format))).toThrow(
      'actions[0].after: the actions form a cycle: b -> c -> b',
    );
  });

  it('takes the largest legal graph in every format', () => {
    const names = [...Array(1000).keys()].map((n) => `n${n}`);
    const actions = names.map((name, index) => ({
      name,
      script: 'x',
      after: names.slice(Math.max(0, index - 5), index),
    }));
    const request = { operatingSystem: { name: 'debian' }, actions };
    const yaml = `operatingSystem: {name: debian}\nactions:\n${actions.map(({ name, after }) => `- name: ${name}\n  script: x\n  after:${after.length === 0 ? ' []' : ''}\n${after.map((one) => `  - ${one}\n`).join('')}`).join('')}`;
    const xml = `<request><operating-system name="debian"/><dag>${actions.map(({ name, after }) => `<action name="${name}"><script>x</script>${after.map((one) => `<after>${one}</after>`).join('')}</action>`).join('')}</dag></request>`;
    const digests = [
      createOrder(readRequest(bytesOf(yaml), 'yaml')).digest,
      createOrder(readRequest(bytesOf(JSON.stringify(request)), 'json')).digest,
      createOrder(readRequest(bytesOf(xml), 'xml')).digest,
    ];
    expect(new Set(digests).size).toBe(1);
  });
});
