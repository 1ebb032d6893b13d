import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJson } from '../../request/json.js';
import { failureOf } from './failureOf.js';

describe('JSON', () => {
  it('reads what JSON.parse reads, to the same value', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom(undefined, 2, '\t'), (json, indentation) => {
        const value: unknown = JSON.parse(json);
        // These no request may have, though JSON may; a test of their own is in hostile.test.ts.
        if (/"(?:__proto__|constructor|prototype)":/.test(json)) return;
        expect(readJson(JSON.stringify(value, undefined, indentation))).toEqual(value);
      }),
      { numRuns: 1000 },
    );
  });

  it('takes and refuses the same texts as JSON.parse', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"\\u00e9\\n"',
      '"\\x"',
      '"',
      '\\',
      '1',
      '-',
      '0',
      '.',
      'e+2',
      'true',
      'null',
      'nul',
      ' ',
      '\n',
      '\t',
      '\u00a0',
      '\u007f',
      "'",
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join('')),
        (text) => {
          const theirs = attempt(() => JSON.parse(text) as unknown);
          const ours = attempt(() => readJson(text));
          // The one difference: a field given twice.
          if (theirs.ok && !ours.ok && ours.message.includes('given twice')) return;
          expect(ours.ok).toBe(theirs.ok);
          if (ours.ok && theirs.ok) expect(ours.value).toEqual(theirs.value);
        },
      ),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['{"a": 1, "a": 2}', /line 1, column 10: the field "a" is given twice/],
    ['{"a": {"b": 1,\n "b": 2}}', /line 2, column 2: the field "b" is given twice/],
    ['{"\\u0061": 1, "a": 2}', /given twice/],
    ['{"__proto__": 1}', /line 1, column 2: "__proto__" is not allowed/],
    ['{"a": {"constructor": 1}}', /not allowed/],
    ['{"a": 1,}', /line 1, column 9: expected the name of a field in double quotes, found "}"/],
    ['[1 2]', /expected "," or "\]", found "2\]"/],
    ['{"a" 1}', /expected ":"/],
    ['{"a": 01}', /expected "," or "}", found "1}"/],
    ['{"a": "x\ny"}', /line 1, column 7: expected a string that ends on its line/],
    ['{} x', /expected the end of the text, found "x"/],
    ['', /line 1, column 1: expected a value, found the end of the text/],
    ['// c', /expected a value/],
    ['NaN', /expected a value/],
    [`{"a": "\u001b[31m`, /line 1, column 7/],
    [`\u001b[31m`, /found "\\u001b\[31m"/],
  ])('refuses %j', (text, message) => {
    expect(failureOf(text, 'json')).toMatch(message);
  });
});

type Attempt =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string };

function attempt(read: () => unknown): Attempt {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : '' };
  }
}
