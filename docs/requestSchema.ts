import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { requestSchema } from '../model/schema/requestSchema.js';

/**
 * Writes docs/request.schema.json, the JSON Schema of a request in YAML or JSON, for editors. With `--check` it
 * writes nothing and ends with status 1 when the file is not what would be written.
 *
 *     tsx docs/requestSchema.ts [--check]
 */
const FILE = fileURLToPath(new URL('request.schema.json', import.meta.url));

/** The JSON Schema as text. */
export function requestSchemaText(): string {
  const schema = z.toJSONSchema(requestSchema, {
    target: 'draft-2020-12',
    io: 'input',
    // A file's content may be a Uint8Array in memory, which JSON cannot say.
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // The rule that needs two fields is not in the zod schema, but editors may know it.
      if (jsonSchema.id === 'action')
        jsonSchema.oneOf = [having('script', 'string'), having('host', 'object'), having('opaque', 'string')];
      if (zodSchema instanceof z.ZodUnion && jsonSchema.anyOf !== undefined) {
        const representable = jsonSchema.anyOf.filter((branch) => Object.keys(branch).length > 0);
        if (representable.length === 1 && representable.length < jsonSchema.anyOf.length) {
          delete jsonSchema.anyOf;
          Object.assign(jsonSchema, { ...representable[0], ...jsonSchema });
        }
      }
    },
  });
  const titled = { ...schema, title: 'VMPlants request', $id: 'urn:vmplants:request.schema.json' };
  return `${JSON.stringify(titled, undefined, 2)}\n`;
}

function having(field: string, type: 'string' | 'object') {
  return { type: 'object' as const, properties: { [field]: { type } }, required: [field] };
}

function main(argv: readonly string[]): number {
  const text = requestSchemaText();
  if (!argv.includes('--check')) {
    writeFileSync(FILE, text);
    return 0;
  }
  if (readFileSync(FILE, 'utf8') === text) return 0;
  process.stderr.write(
    'docs/request.schema.json is not what the schema says; write it again with: tsx docs/requestSchema.ts\n',
  );
  return 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2));
