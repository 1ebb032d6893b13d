import { createHash } from 'node:crypto';

/** Data that has one canonical form: what JSON can say, with absent fields as undefined. */
export type CanonicalValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly CanonicalValue[]
  | { readonly [field: string]: CanonicalValue };

/**
 * The one way of writing a value as JSON: fields sorted by their UTF-16 code units, no white space, absent fields
 * left out, numbers as JavaScript writes them (RFC 8785, JSON Canonicalization Scheme). Equal data, equal text.
 */
export function canonicalJson(value: CanonicalValue): string {
  if (value === undefined) return 'null';
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.keys(value)
      .filter((field) => value[field] !== undefined)
      .sort(compareCodeUnits);
    return `{${fields.map((field) => `${JSON.stringify(field)}:${canonicalJson(value[field])}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** Lower-case hexadecimal SHA-256; a text counts as UTF-8. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Order of texts that depends on no locale. */
export function compareCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isList(value: CanonicalValue): value is readonly CanonicalValue[] {
  return Array.isArray(value);
}
