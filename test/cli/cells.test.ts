import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellsOf, cutToWidth } from '../../cli/cells.js';

describe('the cells of a text', () => {
  it.each([
    ['plant-1', 7],
    ['Grüße', 5],
    ['日本語', 6],
    ['ﾊﾝｶｸ', 4],
    ['한국', 4],
    ['🙂', 2],
    ['e\u0301', 1],
    ['├── █░…', 7],
  ])('%j are %i', (text, cells) => {
    expect(cellsOf(text)).toBe(cells);
  });

  it('are never more than a line has when it is cut, and what fits is left alone', () => {
    const unit = fc.constantFrom('a', '日', '\u0301', '🙂', 'ß');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 30 }), fc.integer({ min: 1, max: 40 }), (text, columns) => {
        const cut = cutToWidth(text, columns);
        expect(cellsOf(cut)).toBeLessThanOrEqual(columns);
        if (cellsOf(text) > columns) expect(cut.endsWith('…')).toBe(true);
      }),
    );
    expect(cutToWidth('日本語', 6)).toBe('日本語');
    expect(cutToWidth('日本語', 5)).toBe('日本…');
    expect(cutToWidth('日本語', 4)).toBe('日…');
    expect(cutToWidth(`a${'\u0301'.repeat(1_000_000)}`, 10).length).toBeLessThan(100);
  });
});
