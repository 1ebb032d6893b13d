import { FORBIDDEN_KEYS } from '../model/schema/plainValue.js';
import { excerpt } from './syntaxError.js';

/** A request's object under construction. */
export type PlainObject = { [field: string]: unknown };

/**
 * Sets a field, or says why it must not be set: a name that means something to JavaScript objects, or one that is
 * there already (JSON.parse would silently take the last).
 */
export function setField(object: PlainObject, name: string, value: unknown): string | undefined {
  if (FORBIDDEN_KEYS.has(name)) return `${excerpt(name)} is not allowed as the name of a field`;
  if (Object.hasOwn(object, name)) return `the field ${excerpt(name)} is given twice`;
  object[name] = value;
  return undefined;
}
