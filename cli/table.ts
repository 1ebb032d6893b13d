import { escapeLine } from './escape.js';

/** A column of a table: its heading, and the text of a row's cell. */
export interface Column<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => string;
  /** Numbers read better to the right. */
  readonly align?: 'left' | 'right';
  /** Shown only in the wide form. */
  readonly wide?: boolean;
}

/** Stands in an empty cell, so that columns can be cut out by position. */
const EMPTY_CELL = '-';
const GAP = '   ';

/**
 * A table without borders: headings in capitals, columns three spaces apart, no space at the ends of lines. Cells
 * are escaped here, so that no caller can forget it.
 */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: { readonly wide?: boolean } = {},
): string {
  const shown = columns.filter((column) => options.wide === true || column.wide !== true);
  const cells = [
    shown.map((column) => column.heading),
    ...rows.map((row) => shown.map((column) => cellText(column.cell(row)))),
  ];
  const widths = shown.map((_column, index) => Math.max(...cells.map((line) => width(line[index] ?? ''))));
  return cells
    .map((line) =>
      line
        .map((text, index) => pad(text, widths[index] ?? 0, shown[index]?.align ?? 'left'))
        .join(GAP)
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

function cellText(text: string): string {
  return text === '' ? EMPTY_CELL : escapeLine(text);
}

function width(text: string): number {
  return [...text].length;
}

function pad(text: string, to: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, to - width(text)));
  return align === 'left' ? text + space : space + text;
}
