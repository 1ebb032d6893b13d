import type { Classad, ClassadValue } from '../../model/classad.js';
import type { Classad__Output, Classad as ClassadMessage } from '../gen/vmplants/v1/Classad.js';
import type { ClassadValue__Output, ClassadValue as ValueMessage } from '../gen/vmplants/v1/ClassadValue.js';
import { malformed } from './malformed.js';

/** Deeper classads than this are refused: nothing here nests them, and reading them is recursive. */
const MAX_DEPTH = 16;

export function classadToMessage(classad: Classad): ClassadMessage {
  return {
    attributes: Object.entries(classad).map(([name, value]) => ({ name, value: valueToMessage(value) })),
  };
}

/**
 * Attribute names are case-insensitive: of two that differ in case only, the first is kept. DATA_LOSS when a value
 * has no type or nests too deeply.
 */
export function classadFromMessage(message: Classad__Output | null): Classad {
  return readClassad(message, 0);
}

function valueToMessage(value: ClassadValue): ValueMessage {
  if (typeof value === 'string') return { text: value };
  if (typeof value === 'boolean') return { boolean: value };
  if (typeof value === 'number') {
    // A negative zero is a real: as an integer it would come back without its sign.
    return Number.isSafeInteger(value) && !Object.is(value, -0)
      ? { integer: String(value) }
      : { real: value };
  }
  return isList(value)
    ? { list: { values: value.map(valueToMessage) } }
    : { classad: classadToMessage(value) };
}

function isList(value: readonly ClassadValue[] | Classad): value is readonly ClassadValue[] {
  return Array.isArray(value);
}

function readClassad(message: Classad__Output | null, depth: number): Classad {
  const entries: (readonly [string, ClassadValue])[] = [];
  const seen = new Set<string>();
  for (const attribute of message?.attributes ?? []) {
    const folded = attribute.name.toLowerCase();
    if (seen.has(folded)) continue;
    seen.add(folded);
    entries.push([attribute.name, readValue(attribute.value, depth + 1)]);
  }
  return Object.fromEntries(entries);
}

function readValue(message: ClassadValue__Output | null, depth: number): ClassadValue {
  if (depth > MAX_DEPTH) throw malformed('a classad', `values nested more than ${MAX_DEPTH} deep`);
  switch (message?.value) {
    case 'text':
      return message.text ?? '';
    case 'integer':
      return Number(message.integer);
    case 'real':
      return message.real ?? 0;
    case 'boolean':
      return message.boolean ?? false;
    case 'list':
      return (message.list?.values ?? []).map((value) => readValue(value, depth + 1));
    case 'classad':
      return readClassad(message.classad ?? null, depth + 1);
    default:
      throw malformed('the value of a classad attribute', 'none');
  }
}
