import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VmplantsError } from '../../model/errors.js';
import { detectFormat, readRequest } from '../../request/readRequest.js';
import { bytesOf } from './failureOf.js';

describe('readRequest', () => {
  it('takes a byte order mark for none', () => {
    const mark = Uint8Array.of(0xef, 0xbb, 0xbf);
    for (const [format, text] of [
      ['yaml', 'line: a'],
      ['json', '{"line": "a"}'],
      ['xml', '<?xml version="1.0"?><request><line>a</line></request>'],
    ] as const) {
      expect(readRequest(Buffer.concat([mark, bytesOf(text)]), format)).toEqual({ line: 'a' });
    }
  });

  it('gives a value or INVALID_ARGUMENT for any text', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '<request>',
        '</request>',
        '<dag/>',
        '<action name="a">',
        '<![CDATA[',
        ']]>',
        '<!--',
        '-->',
        '&amp;',
        '&',
        '- ',
        ': ',
        '\n',
        '  ',
        '[',
        ']',
        '{',
        '}',
        '"',
        "'",
        '|',
        '>',
        '*a',
        '&a ',
        '!!x',
        '? ',
        '---',
        '#',
        '%YAML',
        'a',
        ',',
        '\\',
        '\t',
        '\r',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    );
    const read = (bytes: Uint8Array) => {
      for (const format of ['yaml', 'json', 'xml'] as const) {
        try {
          readRequest(bytes, format);
        } catch (error) {
          if (!(error instanceof VmplantsError) || error.code !== 'INVALID_ARGUMENT') throw error;
          expect(error.message).toMatch(/^[ -~]+$/);
        }
      }
    };
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => read(bytesOf(pieces.join('')))),
      { numRuns: 3000 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), read), { numRuns: 1000 });
  });
});

describe('detectFormat', () => {
  it.each([
    ['a.yaml', '<', 'yaml'],
    ['a.YML', '', 'yaml'],
    ['dir.xml/a.json', '', 'json'],
    ['a.xml', '{', 'xml'],
    ['-', ' \n<request/>', 'xml'],
    ['-', '\ufeff<request/>', 'xml'],
    ['-', '  {"a": 1}', 'json'],
    ['-', 'a: 1', 'yaml'],
    ['-', '', 'yaml'],
    ['request.txt', '# c', 'yaml'],
  ])('%s starting with %j is %s', (name, text, format) => {
    expect(detectFormat(name, bytesOf(text))).toBe(format);
  });
});
