import { Document, isScalar, visit } from 'yaml';
import { escapeUnicode, isUnsafe } from './json.js';

/** A value as YAML. Strings with characters that a terminal would act on are double-quoted and escaped. */
export function renderYaml(value: unknown): string {
  // Through JSON first: what JSON leaves out (undefined) YAML would write as null.
  const document = new Document(JSON.parse(JSON.stringify(value)), { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_key, node) {
      if (isScalar(node) && typeof node.value === 'string' && hasUnsafe(node.value))
        node.type = 'QUOTE_DOUBLE';
    },
  });
  return escapeUnicode(document.toString({ lineWidth: 0 }), 'yaml');
}

function hasUnsafe(text: string): boolean {
  return [...text].some((character) => isUnsafe(character.codePointAt(0) ?? 0));
}
