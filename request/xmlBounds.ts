import { syntaxError } from './syntaxError.js';

/** References (`&lt;`, `&#65;`) in one document; CDATA sections need none. */
const MAX_REFERENCES = 10_000;
/** The largest legal graph needs 23,000 elements, besides files and parameters. */
const MAX_ELEMENTS = 50_000;

const DECLARATION =
  /^<\?xml[ \t\n]+version=(?:"1\.0"|'1\.0')(?:[ \t\n]+encoding=["'](?:utf-?8|us-ascii)["'])?(?:[ \t\n]+standalone=["']yes["'])?[ \t\n]*\?>/i;
const REFERENCE = /&(?:#[0-9]{1,7}|#x[0-9a-fA-F]{1,6}|lt|gt|amp|quot|apos);/y;
/** What stands behind the "<" of a tag; the parser judges the rest of the name. */
const TAG = /[A-Za-z_:/\u0080-\uffff]/;
const COMMENT = '<!--';
const CDATA = '<![CDATA[';

/**
 * Refuses, before a parser sees the text, what no request holds: a DOCTYPE, processing instructions, references
 * other than to characters, and too many references or elements. Hops from one "<" or "&" to the next, over comments
 * and CDATA sections, and so costs little even for a text that is made to hurt. Line ends must be "\n".
 */
export function checkXmlBounds(text: string): void {
  let at = DECLARATION.exec(text)?.[0].length ?? 0;
  let tag = text.indexOf('<', at);
  let reference = text.indexOf('&', at);
  let elements = 0;
  let references = 0;
  while (tag !== -1 || reference !== -1) {
    if (tag === -1 || (reference !== -1 && reference < tag)) {
      references += 1;
      if (references > MAX_REFERENCES) {
        const found = `expected at most ${MAX_REFERENCES} references such as "&lt;", found more; use CDATA or base64`;
        throw syntaxError(text, reference, found);
      }
      at = endOfReference(text, reference);
    } else {
      if (isElement(text, tag)) elements += 1;
      if (elements > MAX_ELEMENTS)
        throw syntaxError(text, tag, `expected at most ${MAX_ELEMENTS} elements, found more`);
      at = endOfMarkup(text, tag);
    }
    if (tag !== -1 && tag < at) tag = text.indexOf('<', at);
    if (reference !== -1 && reference < at) reference = text.indexOf('&', at);
  }
}

function isElement(text: string, tag: number): boolean {
  const next = text[tag + 1];
  return next !== '/' && next !== '!';
}

function endOfReference(text: string, start: number): number {
  REFERENCE.lastIndex = start;
  if (REFERENCE.test(text)) return REFERENCE.lastIndex;
  throw syntaxError(
    text,
    start,
    'expected a character reference or one of &lt; &gt; &amp; &quot; &apos;; write "&" as "&amp;"',
  );
}

/** Where to look on: behind the whole of a comment or CDATA section, just behind the "<" of a tag. */
function endOfMarkup(text: string, start: number): number {
  const next = text[start + 1] ?? '';
  if (TAG.test(next)) return start + 1;
  if (next === '!') return endOfSection(text, start);
  throw syntaxError(
    text,
    start,
    next === '?'
      ? 'processing instructions are not allowed; an XML declaration stands at the very start, of version 1.0 and in UTF-8'
      : 'expected the name of an element; write "<" in text as "&lt;" or use CDATA',
  );
}

function endOfSection(text: string, start: number): number {
  if (text.startsWith(COMMENT, start)) {
    const end = text.indexOf('--', start + COMMENT.length);
    if (end !== -1 && text[end + 2] === '>') return end + 3;
    throw syntaxError(text, start, 'expected a comment that ends with "-->" and has no "--" in it');
  }
  if (text.startsWith(CDATA, start)) {
    const end = text.indexOf(']]>', start + CDATA.length);
    if (end !== -1) return end + 3;
    throw syntaxError(text, start, 'expected a CDATA section that ends with "]]>"');
  }
  throw syntaxError(
    text,
    start,
    /^<!doctype/i.test(text.slice(start, start + 9))
      ? 'a DOCTYPE is not allowed: requests define and fetch nothing'
      : 'expected an element, a comment or a CDATA section',
  );
}
