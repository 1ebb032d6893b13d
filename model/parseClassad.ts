import type { Classad, ClassadValue } from './classad.js';
import { VmplantsError } from './errors.js';

/**
 * Reads a classad of literals back from the new ClassAd syntax: records, lists, strings, numbers, booleans. It
 * evaluates no expressions. Names are case-insensitive: of two that differ in case only, the first spelling and the
 * last value are kept. Throws INVALID_ARGUMENT with the offset of what it does not understand.
 */
export function parseClassad(text: string): Classad {
  const parser = new ClassadParser(text);
  const classad = parser.record(0);
  parser.end();
  return classad;
}

const MAX_CLASSAD_DEPTH = 64;
const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y;
const SPACE = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const REAL_CALL = /real\s*\(\s*"(NaN|INF|-INF)"\s*\)/iy;
const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  t: '\t',
  n: '\n',
  f: '\f',
  r: '\r',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

class ClassadParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  record(depth: number): Classad {
    this.#expect('[');
    const spellings = new Map<string, string>();
    const attributes = new Map<string, ClassadValue>();
    while (!this.#accept(']')) {
      const name = this.#name();
      this.#expect('=');
      const spelling = spellings.get(name.toLowerCase()) ?? name;
      spellings.set(name.toLowerCase(), spelling);
      attributes.set(spelling, this.#value(depth + 1));
      if (!this.#accept(';')) {
        this.#expect(']');
        break;
      }
    }
    return Object.fromEntries(attributes);
  }

  end(): void {
    this.#match(SPACE);
    if (this.#at < this.#text.length) throw this.#error('the end of the text');
  }

  #value(depth: number): ClassadValue {
    if (depth > MAX_CLASSAD_DEPTH) throw this.#error(`values nested at most ${MAX_CLASSAD_DEPTH} deep`);
    this.#match(SPACE);
    const next = this.#text[this.#at];
    if (next === '[') return this.record(depth);
    if (next === '{') return this.#list(depth);
    if (next === '"') return this.#quoted('"');
    const real = this.#match(REAL_CALL)?.[1]?.toUpperCase();
    if (real !== undefined)
      return real === 'NAN'
        ? Number.NaN
        : real === 'INF'
          ? Number.POSITIVE_INFINITY
          : Number.NEGATIVE_INFINITY;
    const number = this.#match(NUMBER)?.[0];
    if (number !== undefined) return Number(number);
    const word = this.#match(IDENTIFIER)?.[0].toLowerCase();
    if (word === 'true' || word === 'false') return word === 'true';
    throw this.#error('a value');
  }

  #list(depth: number): readonly ClassadValue[] {
    this.#expect('{');
    const values: ClassadValue[] = [];
    if (this.#accept('}')) return values;
    do values.push(this.#value(depth + 1));
    while (this.#accept(','));
    this.#expect('}');
    return values;
  }

  #name(): string {
    this.#match(SPACE);
    if (this.#text[this.#at] === "'") return this.#quoted("'");
    const name = this.#match(IDENTIFIER)?.[0];
    if (name === undefined) throw this.#error('the name of an attribute');
    return name;
  }

  /** Octal escapes are bytes of UTF-8, so the text is put together as bytes. */
  #quoted(quote: string): string {
    const parts: Uint8Array[] = [];
    const encoder = new TextEncoder();
    const plain = quote === '"' ? /[^"\\]+/y : /[^'\\]+/y;
    this.#at += 1;
    for (;;) {
      const run = this.#match(plain)?.[0];
      if (run !== undefined) parts.push(encoder.encode(run));
      const next = this.#text[this.#at];
      if (next === undefined) throw this.#error(`a closing ${quote}`);
      this.#at += 1;
      if (next === quote) return new TextDecoder().decode(Buffer.concat(parts));
      const octal = this.#match(/[0-3]?[0-7]{1,2}/y)?.[0];
      if (octal !== undefined) {
        parts.push(Uint8Array.of(Number.parseInt(octal, 8)));
        continue;
      }
      const simple = SIMPLE_ESCAPES[this.#text[this.#at] ?? ''];
      if (simple === undefined) throw this.#error('an escape that ClassAds have');
      this.#at += 1;
      parts.push(encoder.encode(simple));
    }
  }

  #accept(character: string): boolean {
    this.#match(SPACE);
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #expect(character: string): void {
    if (!this.#accept(character)) throw this.#error(`"${character}"`);
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text) ?? undefined;
    if (match !== undefined) this.#at += match[0].length;
    return match;
  }

  #error(wanted: string): VmplantsError {
    return new VmplantsError('INVALID_ARGUMENT', `classad, offset ${this.#at}: expected ${wanted}`, {
      reason: 'INVALID_CLASSAD',
    });
  }
}
