import { cellsOf } from './cells.js';
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
/** A name of megabytes must not cost seconds: longer cells are cut before anything is done with them. */
const MOST_CHARACTERS = 1000;

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
  const widths = shown.map((_column, index) =>
    cells.reduce((widest, line) => Math.max(widest, cellsOf(line[index] ?? '')), 0),
  );
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
  if (text === '') return EMPTY_CELL;
  return escapeLine(text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text);
}

function pad(text: string, to: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, to - cellsOf(text)));
  return align === 'left' ? text + space : space + text;
}
