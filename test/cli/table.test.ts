import { describe, expect, it } from 'vitest';
import { type Column, renderTable } from '../../cli/table.js';

interface Row {
  readonly name: string;
  readonly size: number;
  readonly remark: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { heading: 'NAME', cell: (row) => row.name },
  { heading: 'SIZE', cell: (row) => String(row.size), align: 'right' },
  { heading: 'REMARK', cell: (row) => row.remark, wide: true },
];

const ROWS: readonly Row[] = [
  { name: 'first', size: 7, remark: '' },
  { name: 'the-second', size: 12345, remark: 'two\nlines \u001b[2J' },
];

describe('a table', () => {
  it('has headings, aligned columns and no borders', () => {
    expect(renderTable(COLUMNS, ROWS)).toBe(
      ['NAME          SIZE', 'first            7', 'the-second   12345', ''].join('\n'),
    );
  });

  it('shows more columns in its wide form, a dash for nothing, and escapes cells', () => {
    expect(renderTable(COLUMNS, ROWS, { wide: true })).toBe(
      [
        'NAME          SIZE   REMARK',
        'first            7   -',
        'the-second   12345   two\\nlines \\x1b[2J',
        '',
      ].join('\n'),
    );
  });

  it('aligns wide characters, and cuts cells that nobody could read', () => {
    const rows = [
      { name: '日本', size: 1, remark: '' },
      { name: 'four', size: 1, remark: '' },
    ];
    expect(renderTable(COLUMNS, rows)).toBe('NAME   SIZE\n日本      1\nfour      1\n');
    const huge = { name: 'n'.repeat(4_000_000), size: 1, remark: '' };
    expect(renderTable(COLUMNS, [huge, ...rows]).length).toBeLessThan(6_000);
  });

  it('has its headings when there are no rows', () => {
    expect(renderTable(COLUMNS, [])).toBe('NAME   SIZE\n');
  });
});
