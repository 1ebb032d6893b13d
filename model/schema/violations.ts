import type { FieldViolation } from '../errors.js';
import { MAX_VIOLATIONS } from './limits.js';

/** Where a value stands in the plain shape: field names and list positions, from the outside in. */
export type FieldPath = readonly (string | number)[];

/** The path as clients read it, for example `actions[2].after[0]`, or `identity["a.b"]` where a name needs quotes. */
export function fieldName(path: FieldPath): string {
  let name = '';
  for (const part of path) {
    if (typeof part === 'number') name += `[${part}]`;
    else if (/^[A-Za-z_$][\w$-]*$/.test(part)) name += name === '' ? part : `.${part}`;
    else name += `[${escapedKey(part)}]`;
  }
  return name;
}

/** A client's key in a path: cut and escaped, since paths are shown and logged. */
function escapedKey(key: string): string {
  const cut = key.length > 64 ? `${key.slice(0, 64)}...` : key;
  return JSON.stringify(cut).replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Collects what is wrong with a request, each place once, the first MAX_VIOLATIONS of them. */
export class Violations {
  readonly #found = new Map<string, FieldViolation>();

  /** Keeps the first thing that is said about a field. */
  add(path: FieldPath, description: string): void {
    if (this.#found.size >= MAX_VIOLATIONS) return;
    const field = fieldName(path);
    if (!this.#found.has(field)) this.#found.set(field, { field, description });
  }

  get full(): boolean {
    return this.#found.size >= MAX_VIOLATIONS;
  }

  get list(): readonly FieldViolation[] {
    return [...this.#found.values()];
  }
}
