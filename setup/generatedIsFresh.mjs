#!/usr/bin/env node
/** Fails when proto/gen is not what `npm run generate` makes of the .proto files. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const fresh = mkdtempSync(join(tmpdir(), 'vmplants-generated-'));

function* filesIn(directory, prefix = '') {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(prefix, entry.name);
    if (entry.isDirectory()) yield* filesIn(join(directory, entry.name), path);
    else yield path;
  }
}

try {
  const scripts = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts;
  const args = scripts.generate
    .split(' ')
    .map((word) => (word === '--outDir=proto/gen' ? `--outDir=${fresh}` : word));
  const program = join(root, 'node_modules', '.bin', args[0]);
  const result = spawnSync(program, args.slice(1), { cwd: root, encoding: 'utf8', timeout: 120_000 });
  if (result.status !== 0) throw new Error(`the generator failed: ${result.stderr}`);
  const committed = join(root, 'proto', 'gen');
  const names = new Set([...filesIn(fresh), ...filesIn(committed)]);
  const read = (directory, name) => {
    try {
      return readFileSync(join(directory, name), 'utf8');
    } catch {
      return undefined;
    }
  };
  const stale = [...names].filter((name) => read(fresh, name) !== read(committed, name));
  if (stale.length > 0) {
    process.stderr.write(
      `proto/gen is stale (${stale.join(', ')}): run npm run generate and commit the result\n`,
    );
    process.exitCode = 1;
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
