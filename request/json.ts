import { MAX_DEPTH, MAX_FIELDS, MAX_LIST_LENGTH, MAX_NODES } from '../model/schema/limits.js';
import { type PlainObject, setField } from './plainObject.js';
import { excerpt, syntaxError } from './syntaxError.js';

/**
 * Reads JSON (RFC 8259) strictly: unlike JSON.parse it refuses a field that is given twice and values nested too
 * deeply, and says line and column. Linear in the length of the text.
 */
export function readJson(text: string): unknown {
  const reader = new JsonReader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LITERAL = /true|false|null/y;
/** A string without escapes, which is nearly every one, however long. */
const PLAIN_STRING = /"[^"\\\p{Cc}]*"/uy;

class JsonReader {
  readonly #text: string;
  #at = 0;
  #nodes = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): unknown {
    this.#skipSpace();
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES) throw this.#error(`expected at most ${MAX_NODES} values, found more`);
    if (depth > MAX_DEPTH)
      throw this.#error(`expected values nested at most ${MAX_DEPTH} deep, found deeper ones`);
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"':
        return this.#string();
      default:
        return this.#scalar();
    }
  }

  end(): void {
    this.#skipSpace();
    if (this.#at < this.#text.length)
      throw this.#error(`expected the end of the text, found ${this.#found()}`);
  }

  #object(depth: number): PlainObject {
    const object: PlainObject = {};
    this.#at += 1;
    if (this.#accept('}')) return object;
    let fields = 0;
    do {
      fields += 1;
      if (fields > MAX_FIELDS)
        throw this.#error(`expected at most ${MAX_FIELDS} fields in one object, found more`);
      this.#skipSpace();
      const nameAt = this.#at;
      if (this.#text[nameAt] !== '"')
        throw this.#error(`expected the name of a field in double quotes, found ${this.#found()}`);
      const name = this.#string();
      this.#expect(':', 'expected ":" after the name of a field');
      const problem = setField(object, name, this.value(depth + 1));
      if (problem !== undefined) throw syntaxError(this.#text, nameAt, problem);
    } while (this.#accept(','));
    this.#expect('}', 'expected "," or "}"');
    return object;
  }

  #array(depth: number): unknown[] {
    const array: unknown[] = [];
    this.#at += 1;
    if (this.#accept(']')) return array;
    do {
      if (array.length >= MAX_LIST_LENGTH)
        throw this.#error(`expected at most ${MAX_LIST_LENGTH} entries in one list, found more`);
      array.push(this.value(depth + 1));
    } while (this.#accept(','));
    this.#expect(']', 'expected "," or "]"');
    return array;
  }

  #string(): string {
    const plain = this.#match(PLAIN_STRING);
    if (plain !== undefined) return plain.slice(1, -1);
    const start = this.#at;
    this.#at = endOfString(this.#text, start);
    const token = this.#at === -1 ? undefined : this.#text.slice(start, this.#at);
    try {
      if (token !== undefined) return JSON.parse(token) as string;
    } catch {
      // Said below, with the place.
    }
    this.#at = start;
    throw this.#error(
      'expected a string that ends on its line, with control characters escaped and only escapes that JSON has',
    );
  }

  #scalar(): unknown {
    const literal = this.#match(LITERAL);
    if (literal !== undefined) return literal === 'null' ? null : literal === 'true';
    const number = this.#match(NUMBER);
    if (number === undefined || number === '') throw this.#error(`expected a value, found ${this.#found()}`);
    return Number(number);
  }

  #accept(character: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #expect(character: string, description: string): void {
    if (!this.#accept(character)) throw this.#error(`${description}, found ${this.#found()}`);
  }

  #skipSpace(): void {
    this.#match(SPACE);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #found(): string {
    return this.#at >= this.#text.length
      ? 'the end of the text'
      : excerpt(this.#text.slice(this.#at, this.#at + 20));
  }

  #error(description: string) {
    return syntaxError(this.#text, this.#at, description);
  }
}

/** Offset behind the closing quote of the string that starts at `start`, or -1. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at];
    if (character === '"') return at + 1;
    if (character === '\\') at += 1;
    else if (character === '\n') return -1;
  }
  return -1;
}
