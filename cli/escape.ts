/**
 * Text that a guest or another client wrote may hold terminal escape codes. Whatever a person is shown goes
 * through here first: every character that a terminal acts on instead of printing it is written out as `\x1b` or
 * `\u{202e}`. Line feeds and tabs stay, unless the text has to stay on one line.
 */
export function escapeText(text: string): string {
  return escapeWhere(text, (code) => actsOnTerminal(code) && code !== LINE_FEED && code !== TAB);
}

/** As `escapeText`, but line feeds and tabs are written out too: for table cells and messages of one line. */
export function escapeLine(text: string): string {
  return escapeWhere(text, actsOnTerminal);
}

const LINE_FEED = 0x0a;
const TAB = 0x09;

function escapeWhere(text: string, matches: (code: number) => boolean): string {
  let result = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    result += matches(code) ? writtenOut(code) : character;
  }
  return result;
}

function writtenOut(code: number): string {
  if (code === LINE_FEED) return '\\n';
  if (code === TAB) return '\\t';
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/**
 * C0, DEL, C1, marks that change the direction of writing, line separators, halves of surrogate pairs, and what is not
 * seen at all, so that one name can be made to look like another.
 */
export function actsOnTerminal(code: number): boolean {
  return (
    code < 0x20 ||
    (code >= 0x7f && code <= 0x9f) ||
    code === 0x061c ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069) ||
    code === 0x2060 ||
    code === 0x3164 ||
    (code >= 0xd800 && code <= 0xdfff) ||
    code === 0xfeff ||
    (code >= 0xe0000 && code <= 0xe007f)
  );
}
