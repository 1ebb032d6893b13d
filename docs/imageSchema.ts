import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { descriptorSchema } from '../warehouse/descriptorSchema.js';

/**
 * Writes docs/image.schema.json, the JSON Schema of a golden image's descriptor, from the schema that the
 * warehouse reads it with. `tsx docs/imageSchema.ts --check` only says whether the file is up to date (exit 1: no).
 */
const target = new URL('image.schema.json', import.meta.url);
const schema = { title: 'VMPlants golden image', ...z.toJSONSchema(descriptorSchema, { io: 'input' }) };
const text = `${JSON.stringify(schema, null, 2)}\n`;

if (process.argv.includes('--check')) {
  const found = await readFile(target, 'utf8').catch(() => '');
  if (found !== text) {
    process.stderr.write('docs/image.schema.json is out of date: run tsx docs/imageSchema.ts\n');
    process.exitCode = 1;
  }
} else {
  await writeFile(target, text);
}
