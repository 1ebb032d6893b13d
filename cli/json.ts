import { actsOnTerminal } from './escape.js';

/**
 * A value as JSON for programs, indented, with a line feed at the end. Characters that a terminal would act on and
 * that JSON leaves alone (DEL, C1, directions) are written as \uXXXX: the value stays the same.
 */
export function renderJson(value: unknown): string {
  return `${escapeUnicode(JSON.stringify(value, undefined, 2), 'json')}\n`;
}

/** What a terminal acts on, but for line feeds, which are safe in JSON and YAML: they only ever stand between values or inside block scalars. */
export function isUnsafe(code: number): boolean {
  return code !== 0x0a && actsOnTerminal(code);
}

/** JSON has four digits alone, and writes what needs more as a surrogate pair, which YAML does not know. */
export function escapeUnicode(text: string, form: 'json' | 'yaml'): string {
  let result = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    result += isUnsafe(code) ? writtenOut(character, code, form) : character;
  }
  return result;
}

function writtenOut(character: string, code: number, form: 'json' | 'yaml'): string {
  if (form === 'yaml' && code > 0xffff) return `\\U${code.toString(16).padStart(8, '0')}`;
  const units = Array.from({ length: character.length }, (_none, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
