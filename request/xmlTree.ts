import { SaxesParser } from 'saxes';
import { VmplantsError } from '../model/errors.js';
import { excerpt, syntaxError } from './syntaxError.js';
import { checkXmlBounds } from './xmlBounds.js';

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
  readonly attributes: Map<string, string>;
  readonly children: XmlElement[];
  text: string;
}

const MAX_XML_DEPTH = 40;
const MAX_ATTRIBUTES = 32;

/** What may stand outside of the root. */
const OUTSIDE = /[ \t\n]+|<!--.*?-->|<\?.*?\?>/sy;

/**
 * Reads the part of XML 1.0 that a request needs: elements, attributes, text, CDATA sections, comments, the five
 * named references and character references. No DOCTYPE and no processing instruction, so nothing is ever fetched or
 * expanded. Walks the text without recursion; every error has its line and column. Line ends must be "\n".
 */
export function readXmlTree(text: string): XmlElement {
  checkXmlBounds(text);
  return new TreeBuilder(text).build();
}

/** Builds the tree from what the parser (strict: the first error ends it) reports. */
class TreeBuilder {
  readonly #text: string;
  readonly #parser = new SaxesParser({ position: false, defaultXMLVersion: '1.0', forceXMLVersion: true });
  readonly #open: OpenElement[] = [];
  #root: XmlElement | undefined;
  /** The element whose start tag is being read. */
  #starting: OpenElement | undefined;
  #lastClosed: OpenElement | undefined;
  /** Offset behind the last end tag. */
  #closedAt = 0;
  #ended = false;

  constructor(text: string) {
    this.#text = text;
  }

  build(): XmlElement {
    const parser = this.#parser;
    // With more than seven handlers V8 keeps the parser's fields in a hash table, and a text costs five times as much.
    parser.on('opentagstart', ({ name }) => this.#startTag(name));
    parser.on('attribute', ({ name, value }) => this.#attribute(name, value));
    parser.on('opentag', () => this.#endOfStartTag());
    parser.on('closetag', () => this.#endTag());
    parser.on('text', (text) => this.#characters(text));
    parser.on('cdata', (text) => this.#characters(text));
    try {
      parser.write(this.#text);
      this.#ended = true;
      parser.close();
    } catch (error) {
      if (error instanceof VmplantsError || !(error instanceof Error)) throw error;
      throw this.#explained(error.message);
    }
    // The parser has complained about a text without a root.
    if (this.#root === undefined) throw this.#error('expected an element <request>, found none', 0);
    return this.#root;
  }

  #startTag(name: string): void {
    // Behind the name stands one character that is read already.
    const offset = this.#text.lastIndexOf('<', this.#parser.position - name.length - 2);
    if (this.#root !== undefined && this.#open.length === 0)
      throw this.#error('expected the end of the text, found another element', offset);
    if (this.#open.length >= MAX_XML_DEPTH)
      throw this.#error(`expected elements nested at most ${MAX_XML_DEPTH} deep, found deeper ones`, offset);
    const element: OpenElement = { name, offset, attributes: new Map(), children: [], text: '' };
    this.#starting = element;
    this.#open.at(-1)?.children.push(element);
    this.#root ??= element;
  }

  #attribute(name: string, value: string): void {
    const element = this.#starting;
    if (element === undefined) return;
    if (element.attributes.has(name))
      throw this.#error(
        `the attribute ${name} of <${element.name}> is given twice`,
        this.#startOfAttribute(name),
      );
    if (element.attributes.size >= MAX_ATTRIBUTES)
      throw this.#error(
        `expected at most ${MAX_ATTRIBUTES} attributes, found more`,
        this.#startOfAttribute(name),
      );
    element.attributes.set(name, value);
  }

  /** The offset of the attribute whose closing quote has just been read: no value holds its own quotes. */
  #startOfAttribute(name: string): number {
    const end = this.#parser.position - 1;
    const value = this.#text.lastIndexOf(this.#text[end] ?? '"', end - 1);
    return this.#text.lastIndexOf(name, value);
  }

  #endOfStartTag(): void {
    if (this.#starting !== undefined) this.#open.push(this.#starting);
    this.#starting = undefined;
  }

  #endTag(): void {
    this.#lastClosed = this.#open.pop();
    this.#closedAt = this.#parser.position;
  }

  #characters(text: string): void {
    const inside = this.#open.at(-1);
    if (inside !== undefined) inside.text += text;
  }

  /** What the parser complains about, as what was expected and where. */
  #explained(message: string): VmplantsError {
    const at = this.#ended ? this.#text.length : this.#parser.position - 1;
    switch (message) {
      case 'unexpected close tag.':
      case 'weird empty close tag.':
        return this.#wrongEndTag((this.#lastClosed ?? this.#open.at(-1))?.name, at);
      case 'text data outside of root node.':
        return this.#strayText();
      case 'document must contain a root element.':
        return this.#error('expected an element <request>, found none', 0);
      case 'disallowed character.':
        return this.#error(
          this.#text[at] === '<'
            ? 'expected the end of a value; write "<" in it as "&lt;"'
            : 'expected text, found a control character, which XML cannot hold',
          at,
        );
      case 'disallowed character in closing tag.':
        return this.#error(`expected ">" after the name of an end tag, found ${this.#found(at)}`, at);
      case 'malformed character entity.':
        return this.#error(
          'expected a character reference to a character that XML can hold',
          this.#text.lastIndexOf('&', at),
        );
      case 'the string "]]>" is disallowed in char data.':
        return this.#error('write "]]>" in text as "]]&gt;"', at - 2);
      default:
        return this.#incomplete(message, at);
    }
  }

  #wrongEndTag(expected: string | undefined, at: number): VmplantsError {
    const start = this.#text.lastIndexOf('<', at);
    const wanted = expected === undefined ? 'the end of the text' : `</${expected}>`;
    return this.#error(`expected ${wanted}, found ${excerpt(this.#text.slice(start, at + 1))}`, start);
  }

  /** Before or behind the root: behind the white space and comments, of which there may be many. */
  #strayText(): VmplantsError {
    OUTSIDE.lastIndex = this.#closedAt;
    let offset = this.#closedAt;
    while (OUTSIDE.test(this.#text)) offset = OUTSIDE.lastIndex;
    return this.#error(`expected an element <request>, found ${this.#found(offset)}`, offset);
  }

  /** Within a start tag, behind an end tag too many, or at the end of the text. */
  #incomplete(message: string, at: number): VmplantsError {
    if (this.#starting !== undefined) {
      const { name } = this.#starting;
      return this.#error(`expected name="value", "/>" or ">" in <${name}>, found ${this.#found(at)}`, at);
    }
    if (message.startsWith('unmatched closing tag') || message === 'unexpected end.')
      return this.#wrongEndTag(undefined, at);
    const unclosed = this.#open.at(-1);
    if (unclosed !== undefined && message.startsWith('unclosed tag'))
      return this.#error(`expected </${unclosed.name}>, found the end of the text`, unclosed.offset);
    return this.#error(`the text is not well-formed XML: ${message}`, at);
  }

  #found(offset: number): string {
    return offset >= this.#text.length
      ? 'the end of the text'
      : excerpt(this.#text.slice(offset, offset + 20));
  }

  #error(description: string, offset: number): VmplantsError {
    return syntaxError(this.#text, offset, description);
  }
}
