import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actsOnTerminal, escapeLine, escapeText } from '../../cli/escape.js';

describe('text that somebody else wrote', () => {
  it('shows terminal escapes instead of obeying them', () => {
    expect(escapeText('\u001b[31mred\u001b[0m\u0007')).toBe('\\x1b[31mred\\x1b[0m\\x07');
    expect(escapeText('\u001b]0;title\u0007 \u009b2J \u007f')).toBe('\\x1b]0;title\\x07 \\x9b2J \\x7f');
    expect(escapeText('abc\u202edef')).toBe('abc\\u{202e}def');
    expect(escapeText('a\rb')).toBe('a\\x0db');
  });

  it('shows what nobody would see, so that no name looks like another', () => {
    const unseen = [0x200b, 0x200c, 0x200d, 0x2060, 0xfeff, 0x3164, 0xe0000, 0xe0041, 0xe007f];
    for (const code of unseen) {
      expect(escapeLine(`a${String.fromCodePoint(code)}b`)).toBe(`a\\u{${code.toString(16)}}b`);
    }
  });

  it('keeps line feeds and tabs in text, and not in lines', () => {
    expect(escapeText('a\n\tb')).toBe('a\n\tb');
    expect(escapeLine('a\n\tb')).toBe('a\\n\\tb');
  });

  it('leaves other writing alone', () => {
    expect(escapeLine('Grüße 日本語 🙂')).toBe('Grüße 日本語 🙂');
  });

  it('leaves nothing that a terminal acts on, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const codes = [...escapeLine(text)].map((character) => character.codePointAt(0) ?? 0);
        expect(codes.filter(actsOnTerminal)).toEqual([]);
      }),
    );
  });
});
