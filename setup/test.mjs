#!/usr/bin/env node
/**
 * `npm test`: makes the machine ready and runs every test. Where virtual machines cannot be had (packages missing and
 * no root to install them), it runs what needs none, says so, and ends with status 3: not everything was tested.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node = (args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
const vitest = join('node_modules', 'vitest', 'vitest.mjs');
const ready = join('setup', 'ready.mjs');

if (node([ready, '--for-tests']) === 0) {
  process.exitCode = node([vitest, 'run', ...process.argv.slice(2)]);
} else if (node([ready, '--for-tests', '--without-virtual-machines']) === 0) {
  const status = node([vitest, 'run', '--project', 'unit', ...process.argv.slice(2)]);
  process.stderr.write(
    'test: the tests with real virtual machines did NOT run; what they need is named above\n',
  );
  process.exitCode = status === 0 ? 3 : status;
} else {
  process.exitCode = 1;
}
