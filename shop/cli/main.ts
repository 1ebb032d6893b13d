#!/usr/bin/env node
import { randomBytes, randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import { EXIT } from '../../cli/exitCode.js';
import { interruptSignal } from '../../cli/interrupt.js';
import { readPackageVersion } from '../../cli/packageVersion.js';
import { runProgram } from '../../cli/runProgram.js';
import { shopProgram } from './program.js';

// A reader that closes its end of a pipe early (`| head`) is no failure: the write's own callback hears of it.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

const environment = {
  terminal: {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    colour: process.stderr.isTTY === true && (process.env.NO_COLOR ?? '') === '',
  },
  arguments: process.argv.slice(2),
  variables: process.env,
  directory: process.cwd(),
  homeDirectory: homedir(),
  userId: process.geteuid?.(),
  now: () => Date.now(),
  monotonic: () => performance.now(),
  newRequestId: () => randomUUID(),
  randomBytes: (count: number) => randomBytes(count),
  signal: interruptSignal(process, () => process.exit(EXIT.interrupted)),
};

process.exitCode = await runProgram(shopProgram(environment, await readPackageVersion()), environment);
// A read that was given up (Ctrl-C while a request is typed) would keep the process.
process.stdin.destroy();
