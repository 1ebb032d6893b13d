import { MAX_DEPTH, MAX_FIELDS, MAX_LIST_LENGTH, MAX_NODES } from './limits.js';
import { quote } from './text.js';
import type { FieldPath, Violations } from './violations.js';

/** Keys that mean something to JavaScript objects themselves; no field of a request is called so. */
export const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

interface Place {
  readonly parent: Place | undefined;
  readonly part: string | number;
  readonly depth: number;
}

/**
 * Checks that a value is plain data of bounded depth and size before anything recursive looks at it: objects without
 * a class, arrays, texts, finite numbers, booleans, null, and Uint8Array for the content of files. Walks without
 * recursion and stops at the first thing that would make the walk long. False when the value must not be looked at
 * further; other findings are added and the checks go on.
 */
export function checkPlainValue(root: unknown, violations: Violations): boolean {
  const pending: { readonly value: unknown; readonly place: Place | undefined }[] = [
    { value: root, place: undefined },
  ];
  let nodes = 0;
  let sound = true;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, place } = next;
    nodes += 1;
    if (nodes > MAX_NODES) {
      violations.add([], `expected at most ${MAX_NODES} values in the request, found more`);
      return false;
    }
    if (
      value === null ||
      typeof value === 'string' ||
      typeof value === 'boolean' ||
      value instanceof Uint8Array
    )
      continue;
    if (typeof value === 'number') {
      if (Number.isFinite(value)) continue;
      violations.add(pathOf(place), 'expected a finite number');
      continue;
    }
    if (typeof value !== 'object' || !isPlain(value)) {
      // A field that is undefined counts as absent: message mappings write optional fields so.
      if (value === undefined && place !== undefined) continue;
      violations.add(pathOf(place), `expected plain data, found a value of type ${typeof value}`);
      sound = false;
      continue;
    }
    const depth = (place?.depth ?? 0) + 1;
    if (depth > MAX_DEPTH) {
      violations.add(
        pathOf(place).slice(0, 8),
        `expected values nested at most ${MAX_DEPTH} deep, found deeper ones`,
      );
      return false;
    }
    if (Array.isArray(value)) {
      if (value.length > MAX_LIST_LENGTH) {
        violations.add(
          pathOf(place),
          `expected at most ${MAX_LIST_LENGTH} entries in one list, found ${value.length}`,
        );
        return false;
      }
      for (let index = value.length - 1; index >= 0; index--) {
        pending.push({ value: value[index], place: { parent: place, part: index, depth } });
      }
      continue;
    }
    const keys = Object.keys(value);
    if (keys.length > MAX_FIELDS) {
      violations.add(
        pathOf(place),
        `expected at most ${MAX_FIELDS} fields in one object, found ${keys.length}`,
      );
      return false;
    }
    for (const key of keys.reverse()) {
      const at: Place = { parent: place, part: key, depth };
      if (FORBIDDEN_KEYS.has(key)) {
        violations.add(pathOf(at), `${quote(key)} is not allowed as the name of a field`);
      } else {
        pending.push({ value: (value as Readonly<Record<string, unknown>>)[key], place: at });
      }
    }
  }
  return sound;
}

function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function pathOf(place: Place | undefined): FieldPath {
  const path: (string | number)[] = [];
  for (let at = place; at !== undefined; at = at.parent) path.push(at.part);
  return path.reverse();
}
