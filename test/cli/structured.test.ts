import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { actsOnTerminal } from '../../cli/escape.js';
import { renderJson } from '../../cli/json.js';
import { renderYaml } from '../../cli/yaml.js';

const NASTY = {
  text: 'a\u001b[31m\u007f\u009b\u202e\u200b\ufeff\u{e0041}b',
  list: [1, true, null],
  lines: 'one\ntwo\n',
};

describe('JSON and YAML', () => {
  it('hold nothing that a terminal acts on, and still the same value', () => {
    for (const [render, read] of [
      [renderJson, (text: string): unknown => JSON.parse(text)],
      [renderYaml, (text: string): unknown => parse(text)],
    ] as const) {
      const text = render(NASTY);
      const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
      expect(codes.filter((code) => code !== 0x0a && actsOnTerminal(code))).toEqual([]);
      expect(read(text)).toEqual(NASTY);
    }
  });

  it('are read back as what was written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue()), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        expect(JSON.parse(renderJson(value))).toEqual(plain);
        expect(parse(renderYaml(value))).toEqual(plain);
      }),
    );
  });

  it('leave out what is undefined', () => {
    expect(renderYaml({ a: 1, b: undefined })).toBe('a: 1\n');
    expect(renderJson({ a: 1, b: undefined })).toBe('{\n  "a": 1\n}\n');
  });
});
