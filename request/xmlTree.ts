import type { VmplantsError } from '../model/errors.js';
import { MAX_NODES } from '../model/schema/limits.js';
import { excerpt, syntaxError } from './syntaxError.js';

/** An element with the attributes, texts and elements in it. */
export interface XmlElement {
  readonly name: string;
  /** Offset of its start tag in the text. */
  readonly offset: number;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** All text directly in it, references replaced, CDATA sections included. */
  readonly text: string;
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[];
  text: string;
}

/** References (`&lt;`, `&#65;`) in one document; CDATA sections need none. */
const MAX_REFERENCES = 10_000;
const MAX_XML_DEPTH = 40;
const MAX_ATTRIBUTES = 32;

const NAME = /[A-Za-z_][A-Za-z0-9_.-]*(?::[A-Za-z_][A-Za-z0-9_.-]*)?/y;
const ATTRIBUTE =
  /[ \t\n]+([A-Za-z_][A-Za-z0-9_.-]*(?::[A-Za-z_][A-Za-z0-9_.-]*)?)[ \t\n]*=[ \t\n]*(?:"([^<"]*)"|'([^<']*)')/y;
const END_OF_TAG = /[ \t\n]*(\/?>)/y;
const DECLARATION =
  /<\?xml[ \t\n]+version=(?:"1\.0"|'1\.0')(?:[ \t\n]+encoding=["'](?:utf-?8|us-ascii)["'])?(?:[ \t\n]+standalone=["']yes["'])?[ \t\n]*\?>/iy;
/** What no XML 1.0 document may hold (section 2.2). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to refuse
const FORBIDDEN_CHARACTER = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
const NAMED: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);

/**
 * Reads the part of XML 1.0 that a request needs: elements, attributes, text, CDATA sections, comments, the five
 * named references and character references. No DOCTYPE and no processing instruction, so nothing is ever fetched or
 * expanded. Walks the text once and without recursion; every error has its line and column.
 */
export function readXmlTree(written: string): XmlElement {
  // Line ends as section 2.11 wants them; the count of lines stays the same.
  const text = written.includes('\r') ? written.replace(/\r\n?/g, '\n') : written;
  const forbidden = FORBIDDEN_CHARACTER.exec(text);
  if (forbidden !== null)
    throw syntaxError(
      text,
      forbidden.index,
      'expected text, found a control character, which XML cannot hold',
    );
  return new TreeReader(text).read();
}

class TreeReader {
  readonly #text: string;
  readonly #open: OpenElement[] = [];
  #root: XmlElement | undefined;
  #at = 0;
  #elements = 0;
  #references = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): XmlElement {
    this.#match(DECLARATION);
    while (this.#at < this.#text.length) {
      const markup = this.#text.indexOf('<', this.#at);
      const end = markup === -1 ? this.#text.length : markup;
      if (end > this.#at) this.#characters(end);
      if (markup !== -1) this.#markup();
    }
    const unclosed = this.#open.at(-1);
    if (unclosed !== undefined)
      throw this.#error(`expected </${unclosed.name}>, found the end of the text`, unclosed.offset);
    if (this.#root === undefined) throw this.#error('expected an element <request>, found none');
    return this.#root;
  }

  #markup(): void {
    const rest = this.#text.slice(this.#at, this.#at + 9);
    if (rest.startsWith('</')) this.#endTag();
    else if (rest.startsWith('<!--')) this.#comment();
    else if (rest === '<![CDATA[') this.#cdata();
    else if (/^<!doctype/i.test(rest))
      throw this.#error('a DOCTYPE is not allowed: requests define and fetch nothing');
    else if (rest.startsWith('<!')) throw this.#error('expected an element, a comment or a CDATA section');
    else if (rest.startsWith('<?'))
      throw this.#error(
        'processing instructions are not allowed; an XML declaration stands at the very start',
      );
    else this.#startTag();
  }

  #startTag(): void {
    const offset = this.#at;
    if (this.#root !== undefined && this.#open.length === 0)
      throw this.#error('expected the end of the text, found another element');
    this.#at += 1;
    const name = this.#match(NAME)?.[0];
    if (name === undefined)
      throw this.#error('expected the name of an element; write "<" in text as "&lt;" or use CDATA', offset);
    this.#elements += 1;
    if (this.#elements > MAX_NODES)
      throw this.#error(`expected at most ${MAX_NODES} elements, found more`, offset);
    if (this.#open.length >= MAX_XML_DEPTH)
      throw this.#error(`expected elements nested at most ${MAX_XML_DEPTH} deep, found deeper ones`, offset);
    const element: OpenElement = { name, offset, attributes: this.#attributes(name), children: [], text: '' };
    const tagEnd = this.#match(END_OF_TAG)?.[1];
    if (tagEnd === undefined)
      throw this.#error(`expected name="value", "/>" or ">" in <${name}>, found ${this.#found()}`);
    this.#open.at(-1)?.children.push(element);
    this.#root ??= element;
    if (tagEnd === '>') this.#open.push(element);
  }

  #attributes(element: string): ReadonlyMap<string, string> {
    const attributes = new Map<string, string>();
    for (let match = this.#match(ATTRIBUTE); match !== undefined; match = this.#match(ATTRIBUTE)) {
      const [whole, name = '', double, single] = match;
      const offset = this.#at - whole.trimStart().length;
      if (attributes.has(name))
        throw this.#error(`the attribute ${name} of <${element}> is given twice`, offset);
      if (attributes.size >= MAX_ATTRIBUTES)
        throw this.#error(`expected at most ${MAX_ATTRIBUTES} attributes, found more`, offset);
      // White space in attributes becomes spaces (section 3.3.3).
      attributes.set(name, this.#replaceReferences((double ?? single ?? '').replace(/[\t\n]/g, ' '), offset));
    }
    return attributes;
  }

  #endTag(): void {
    const offset = this.#at;
    this.#at += 2;
    const name = this.#match(NAME)?.[0] ?? '';
    const open = this.#open.pop();
    if (open === undefined || open.name !== name) {
      const wanted = open === undefined ? 'the end of the text' : `</${open.name}>`;
      throw this.#error(`expected ${wanted}, found ${excerpt(`</${name}>`)}`, offset);
    }
    if (this.#match(END_OF_TAG)?.[1] !== '>') throw this.#error(`expected ">" after </${name}`);
  }

  #comment(): void {
    const end = this.#text.indexOf('--', this.#at + 4);
    if (end === -1 || this.#text[end + 2] !== '>')
      throw this.#error('expected a comment that ends with "-->" and has no "--" in it');
    this.#at = end + 3;
  }

  #cdata(): void {
    const start = this.#at + '<![CDATA['.length;
    const end = this.#text.indexOf(']]>', start);
    if (end === -1) throw this.#error('expected a CDATA section that ends with "]]>"');
    const inside = this.#open.at(-1);
    if (inside === undefined) throw this.#error('expected an element <request>, found a CDATA section');
    inside.text += this.#text.slice(start, end);
    this.#at = end + 3;
  }

  #characters(end: number): void {
    const raw = this.#text.slice(this.#at, end);
    const inside = this.#open.at(-1);
    if (inside === undefined) {
      const stray = /[^ \t\n]/.exec(raw);
      if (stray !== null)
        throw this.#error(
          `expected an element <request>, found ${excerpt(raw.trim())}`,
          this.#at + stray.index,
        );
    } else {
      inside.text += this.#replaceReferences(raw, this.#at);
    }
    this.#at = end;
  }

  #replaceReferences(raw: string, offset: number): string {
    let at = raw.indexOf('&');
    if (at === -1) return raw;
    let replaced = '';
    let from = 0;
    for (; at !== -1; at = raw.indexOf('&', from)) {
      this.#references += 1;
      if (this.#references > MAX_REFERENCES) {
        throw this.#error(
          `expected at most ${MAX_REFERENCES} references such as "&lt;", found more; use CDATA or base64`,
          offset + at,
        );
      }
      const name = /^&(#?[A-Za-z0-9]{1,10});/.exec(raw.slice(at, at + 13))?.[1];
      const character = name === undefined ? undefined : referenced(name);
      if (name === undefined || character === undefined) {
        throw this.#error(
          'expected a character reference or one of &lt; &gt; &amp; &quot; &apos;; write "&" as "&amp;"',
          offset + at,
        );
      }
      replaced += raw.slice(from, at) + character;
      from = at + name.length + 2;
    }
    return replaced + raw.slice(from);
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text) ?? undefined;
    if (match !== undefined) this.#at += match[0].length;
    return match;
  }

  #found(): string {
    return this.#at >= this.#text.length
      ? 'the end of the text'
      : excerpt(this.#text.slice(this.#at, this.#at + 20).trimStart());
  }

  #error(description: string, offset = this.#at): VmplantsError {
    return syntaxError(this.#text, offset, description);
  }
}

/** The character that a reference stands for, where XML allows one. */
function referenced(name: string): string | undefined {
  if (!name.startsWith('#')) return NAMED.get(name);
  const digits = /^#(?:x([0-9a-fA-F]+)|([0-9]+))$/.exec(name);
  if (digits === null) return undefined;
  const code = digits[1] === undefined ? Number(digits[2]) : Number.parseInt(digits[1], 16);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  const character = String.fromCodePoint(code);
  return FORBIDDEN_CHARACTER.test(character) ? undefined : character;
}
