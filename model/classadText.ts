import type { Classad, ClassadValue } from './classad.js';

/**
 * A classad as text: HTCondor's new ClassAd syntax and JSON. Both are made to be shown: control, format and other
 * invisible characters, which a guest may have put into an attribute, come out escaped.
 */

const RESERVED: ReadonlySet<string> = new Set([
  'error',
  'false',
  'is',
  'isnt',
  'parent',
  'true',
  'undefined',
]);
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['"', '\\"'],
  ['\b', '\\b'],
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\f', '\\f'],
  ['\r', '\\r'],
]);
/** Characters that would move a cursor, end a line, reorder text or vanish. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * `[ A = 1; B = "x"; ]` over several lines (ClassAd Language Reference, section 2.3). Characters outside of a
 * terminal's printable ones are written as octal escapes of their UTF-8 bytes. A NUL, which a ClassAd string cannot
 * hold, becomes U+FFFD, as does half of a surrogate pair. Numbers beyond the integers become reals; NaN and the
 * infinities are written as calls of `real`.
 */
export function renderClassad(classad: Classad): string {
  return `${recordText(classad, '')}\n`;
}

/** The same as JSON, with two spaces of indentation. NaN and the infinities are HTCondor's "/Expr(..)/" strings. */
export function classadToJson(classad: Classad): string {
  const json = JSON.stringify(
    classad,
    (_, value: unknown) =>
      typeof value === 'number' && !Number.isFinite(value) ? `/Expr(${realText(value)})/` : value,
    2,
  );
  // JSON.stringify escapes C0 only; line feeds here are its own indentation.
  return `${json.replace(INVISIBLE, (character) => (character === '\n' ? '\n' : unicodeEscapes(character)))}\n`;
}

function recordText(classad: Classad, indentation: string): string {
  const inner = `${indentation}  `;
  const lines = Object.entries(classad).map(
    ([name, value]) => `${inner}${nameText(name)} = ${valueText(value, inner)};\n`,
  );
  return lines.length === 0 ? '[ ]' : `[\n${lines.join('')}${indentation}]`;
}

function valueText(value: ClassadValue, indentation: string): string {
  switch (typeof value) {
    case 'string':
      return `"${escaped(value)}"`;
    case 'number':
      return numberText(value);
    case 'boolean':
      return String(value);
    default:
      if (!isList(value)) return recordText(value, indentation);
      return value.length === 0
        ? '{ }'
        : `{ ${value.map((item) => valueText(item, indentation)).join(', ')} }`;
  }
}

function isList(value: readonly ClassadValue[] | Classad): value is readonly ClassadValue[] {
  return Array.isArray(value);
}

function numberText(value: number): string {
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : realText(value);
}

function realText(value: number): string {
  if (Number.isNaN(value)) return 'real("NaN")';
  if (!Number.isFinite(value)) return value > 0 ? 'real("INF")' : 'real("-INF")';
  if (Object.is(value, -0)) return '-0.0';
  const [mantissa = '0', exponent] = String(value).split('e');
  const real = mantissa.includes('.') ? mantissa : `${mantissa}.0`;
  return exponent === undefined ? real : `${real}E${exponent}`;
}

/** An attribute's name, in single quotes where it is no plain identifier. */
function nameText(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !RESERVED.has(name.toLowerCase())) return name;
  return `'${escaped(name).replaceAll("'", "\\'")}'`;
}

function escaped(text: string): string {
  return text
    .replace(/[\0\p{Cs}]/gu, '\ufffd')
    .replace(/["\\]/g, (character) => ESCAPES.get(character) ?? character)
    .replace(INVISIBLE, (character) => ESCAPES.get(character) ?? octalEscapes(character));
}

function octalEscapes(character: string): string {
  return [...new TextEncoder().encode(character)]
    .map((byte) => `\\${byte.toString(8).padStart(3, '0')}`)
    .join('');
}

function unicodeEscapes(character: string): string {
  return [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
    .join('');
}
