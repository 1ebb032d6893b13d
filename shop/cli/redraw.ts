import { stripVTControlCharacters } from 'node:util';
import { cellsOf } from '../../cli/cells.js';
import { type Screen, write } from '../../cli/terminal.js';

/** Shows lines in place of those that it showed before. */
export type Redraw = (lines: readonly string[]) => Promise<void>;

const ERASE_REST_OF_LINE = '\u001b[K';
const ERASE_BELOW = '\u001b[J';
const DEFAULT_COLUMNS = 80;

/** Moves the cursor up to where it began: what stood on the terminal before stays there. */
export function createRedraw(screen: Screen): Redraw {
  let before: readonly string[] = [];
  return async (lines) => {
    // A terminal that was made narrower since has broken the lines.
    const up = rowsOf(before, screen.columns ?? DEFAULT_COLUMNS);
    before = lines;
    const start = up === 0 ? '' : `\u001b[${up}A\r`;
    // In one piece, so that nobody sees half of it.
    await write(
      screen,
      `${start}${lines.map((line) => `${line}${ERASE_REST_OF_LINE}\n`).join('')}${ERASE_BELOW}`,
    );
  };
}

function rowsOf(lines: readonly string[], columns: number): number {
  return lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(printed(line) / columns)), 0);
}

/** Cells that the terminal prints: nothing for colours. */
function printed(line: string): number {
  return cellsOf(stripVTControlCharacters(line));
}
