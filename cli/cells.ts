/*
 * How wide text is on a terminal: most characters take one cell, those of East Asian scripts and pictures two, and marks
 * that stand on the character before them none.
 */

const PLAIN = /^[\u0020-\u007e]*$/;
/** Wide and full-width blocks of Unicode's East Asian Width; not every single character. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{17000}-\u{18cff}\u{1b000}-\u{1b2ff}\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1faff}\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}/u;
const MARK = /^[\p{Mn}\p{Me}]/u;

/** Cells that the text takes on a terminal, which has no control characters and no colours in it. */
export function cellsOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let cells = 0;
  for (const character of text) cells += cellsOfCharacter(character);
  return cells;
}

/**
 * Cuts a line to the columns of a terminal, so that rewriting it never leaves a wrapped rest behind; what was cut ends
 * with an ellipsis. Looks at no more of the text than there is room for.
 */
export function cutToWidth(text: string, cells: number): string {
  if (text.length <= cells && PLAIN.test(text)) return text;
  let taken = '';
  let used = 0;
  let fitting = 0;
  for (const character of text) {
    used += cellsOfCharacter(character);
    if (used > cells || taken.length > MOST_UNITS_IN_CELL * cells) {
      return cells < 1 ? '' : `${taken.slice(0, fitting)}…`;
    }
    taken += character;
    if (used < cells) fitting = taken.length;
  }
  return text;
}

/** Marks take no cell, and there may be any number of them. */
const MOST_UNITS_IN_CELL = 8;

function cellsOfCharacter(character: string): number {
  if (WIDE.test(character)) return 2;
  return MARK.test(character) ? 0 : 1;
}
