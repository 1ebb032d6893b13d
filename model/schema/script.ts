/**
 * A script in the one form that is run and that its key is made of: line feeds only, no blank lines at its start,
 * no white space at its end, exactly one line feed there. A script of white space only becomes empty.
 */
export function normaliseScript(script: string): string {
  const lines = script.includes('\r') ? script.replaceAll('\r\n', '\n') : script;
  const body = lines.slice(startOfText(lines)).trimEnd();
  return body === '' ? '' : `${body}\n`;
}

/** Position of the first line that is not blank. Indentation of that line stays. */
function startOfText(text: string): number {
  let start = 0;
  for (let position = 0; position < text.length; position++) {
    const character = text[position];
    if (character === '\n') start = position + 1;
    else if (character !== ' ' && character !== '\t') break;
  }
  return start;
}
