#!/usr/bin/env node
/** `npm run quickstart [-- --keep]`: the main job of the project, with progress, on real VMs. */
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tour } from './tour.js';

// This file runs from dist/quickstart/.
const dist = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(dist);
const keptDirectory = join(root, '.vmplants');
const interrupt = new AbortController();
process.on('SIGINT', () => interrupt.abort());
process.on('SIGTERM', () => interrupt.abort());

const since = performance.now();
try {
  await tour({
    programs: {
      vmshop: join(dist, 'shop/cli/main.js'),
      vmplant: join(dist, 'plant/cli/main.js'),
      environment: { ...process.env, VMPLANT_CACHE: join(keptDirectory, 'cache') },
    },
    example: join(root, 'examples/workspace.yaml'),
    keptDirectory,
    temporaryDirectory: tmpdir(),
    keep: process.argv.includes('--keep'),
    print: (line) => process.stdout.write(`${line}\n`),
    signal: interrupt.signal,
    untilStopped: () => new Promise((resolve) => interrupt.signal.addEventListener('abort', () => resolve())),
  });
  process.stdout.write(`done in ${((performance.now() - since) / 1000).toFixed(1)} s\n`);
} catch (thrown) {
  if (interrupt.signal.aborted) {
    process.stderr.write('quickstart: interrupted; everything that was started has been ended\n');
    process.exitCode = 130;
  } else {
    process.stderr.write(`quickstart: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
    process.exitCode = 1;
  }
}
