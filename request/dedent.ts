/**
 * Text as it was meant inside an indented document. A text that begins with a line break is a block: that first line
 * break goes, the indentation that all lines share goes, and so does the white space in front of the closing tag.
 * Any other text stays exactly as it is.
 */
export function dedent(text: string): string {
  const firstBreak = text.indexOf('\n');
  if (firstBreak === -1 || text.slice(0, firstBreak).trim() !== '') return text;
  const lines = text.slice(firstBreak + 1).split('\n');
  if (lines.at(-1)?.trim() === '') lines[lines.length - 1] = '';
  const indentation = sharedIndentation(lines);
  return lines
    .map((line) => (line.startsWith(indentation) ? line.slice(indentation.length) : line.trimStart()))
    .join('\n');
}

function sharedIndentation(lines: readonly string[]): string {
  let shared: string | undefined;
  for (const line of lines) {
    if (line.trim() === '') continue;
    const own = /^[ \t]*/.exec(line)?.[0] ?? '';
    shared = shared === undefined ? own : commonStart(shared, own);
  }
  return shared ?? '';
}

function commonStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return a.slice(0, length);
}
