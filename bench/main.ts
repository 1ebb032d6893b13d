import { setMaxListeners } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toolEnvironment } from '../plant/cli/toolEnvironment.js';
import { auction } from './auction.js';
import { cloneVsMemory } from './cloneVsMemory.js';
import { createVsCloudInit } from './createVsCloudInit.js';
import { experiment, experimentUml } from './experiment.js';
import { learning } from './learning.js';
import type { BenchContext, Benchmark } from './measurement.js';
import { middleware } from './middleware.js';
import { plannerBenchmark } from './planner.js';
import { prepared } from './prepared.js';
import { publishPause } from './publishPause.js';
import { races } from './races.js';
import type { Surroundings } from './support/surroundings.js';

const WRITE_DOCS = '--write-docs';

/**
 * `tsx bench/main.ts [NAME [SEED]] [--write-docs]`: runs one measurement or all, one JSON line for each result on the
 * standard output, progress on the standard error. With `--write-docs`, those that have pictures write them into `docs/`.
 * Exit status 1 when a measurement fails, 2 for a name or seed that is none.
 */
const BENCHMARKS: readonly Benchmark[] = [
  plannerBenchmark,
  cloneVsMemory(surroundings()),
  createVsCloudInit(surroundings()),
  prepared(surroundings()),
  publishPause(surroundings()),
  learning(surroundings()),
  middleware(surroundings()),
  experiment(surroundings()),
  experimentUml(surroundings()),
  races(surroundings()),
  auction(surroundings()),
];

async function main([name, seed = '1', ...rest]: readonly string[]): Promise<number> {
  const known = BENCHMARKS.map((benchmark) => benchmark.name);
  if ((name !== undefined && !known.includes(name)) || !/^\d{1,9}$/.test(seed) || rest.length > 0) {
    const found = JSON.stringify([name, seed, ...rest].join(' '));
    process.stderr.write(
      `expected nothing, or one of ${known.join(', ')} and a whole number; found ${found}\n`,
    );
    return 2;
  }
  const abort = new AbortController();
  // Every program of a measurement listens to it.
  setMaxListeners(0, abort.signal);
  const interrupt = (): void => abort.abort(new Error('interrupted'));
  // Not once: the signal may come twice (from the terminal, and from a parent that passes it on), and cleaning up goes on.
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const context: BenchContext = {
    now: () => performance.now(),
    report: (message) => process.stderr.write(`${message}\n`),
    signal: abort.signal,
    seed: Number(seed),
  };
  try {
    for (const benchmark of BENCHMARKS) {
      if (name !== undefined && benchmark.name !== name) continue;
      for await (const result of benchmark.run(context)) process.stdout.write(`${JSON.stringify(result)}\n`);
    }
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return abort.signal.aborted ? 130 : 1;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

/** Real VMs are made by the programs as they were compiled, with the base images that the quickstart also keeps. */
function surroundings(): Surroundings {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const keptDirectory = join(root, '.vmplants');
  return {
    programs: {
      vmshop: join(root, 'dist/shop/cli/main.js'),
      vmplant: join(root, 'dist/plant/cli/main.js'),
      environment: { ...process.env, VMPLANT_CACHE: join(keptDirectory, 'cache') },
    },
    keptDirectory,
    temporaryDirectory: tmpdir(),
    toolEnvironment: toolEnvironment(process.env),
    ...(process.argv.includes(WRITE_DOCS) ? { docsDirectory: join(root, 'docs') } : {}),
  };
}

process.exitCode = await main(process.argv.slice(2).filter((argument) => argument !== WRITE_DOCS));
