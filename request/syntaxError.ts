import type { VmplantsError } from '../model/errors.js';
import { invalidArgument } from '../model/errors.js';

/** A place in a text, counted from 1; columns count UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Line and column of an offset. */
export function positionOf(text: string, offset: number): Position {
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line += 1;
    lineStart = at + 1;
  }
  return { line, column: offset - lineStart + 1 };
}

/** INVALID_ARGUMENT for a text that cannot be read as its format, with line and column. */
export function syntaxError(text: string, offset: number, description: string): VmplantsError {
  const { line, column } = positionOf(text, offset);
  return invalidArgument([
    { field: '', description: `line ${line}, column ${column}: ${printable(description)}` },
  ]);
}

/** A piece of the text for a message: cut, and without anything that a terminal would obey. */
export function excerpt(text: string): string {
  return `"${printable(text.length > 40 ? `${text.slice(0, 40)}...` : text)}"`;
}

function printable(text: string): string {
  const cut = text.length > 300 ? `${text.slice(0, 300)}...` : text;
  return cut.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
