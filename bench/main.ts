import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toolEnvironment } from '../plant/cli/toolEnvironment.js';
import { cloneVsMemory } from './cloneVsMemory.js';
import { createVsCloudInit } from './createVsCloudInit.js';
import type { BenchContext, Benchmark } from './measurement.js';
import { plannerBenchmark } from './planner.js';
import type { Surroundings } from './support/surroundings.js';

/**
 * `tsx bench/main.ts [NAME]`: runs one measurement or all, one JSON line for each result on the standard output,
 * progress on the standard error. Exit status 1 when a measurement fails, 2 for a name that is none.
 */
const BENCHMARKS: readonly Benchmark[] = [
  plannerBenchmark,
  cloneVsMemory(surroundings()),
  createVsCloudInit(surroundings()),
];

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.find((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));
  if (unknown !== undefined || names.length > 1) {
    const known = BENCHMARKS.map((benchmark) => benchmark.name).join(', ');
    const found = unknown === undefined ? 'more than one name' : JSON.stringify(unknown);
    process.stderr.write(`expected no name or one of: ${known}; found ${found}\n`);
    return 2;
  }
  const abort = new AbortController();
  const interrupt = (): void => abort.abort(new Error('interrupted'));
  // Not once: the signal may come twice (from the terminal, and from a parent that passes it on), and cleaning up goes on.
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const context: BenchContext = {
    now: () => performance.now(),
    report: (message) => process.stderr.write(`${message}\n`),
    signal: abort.signal,
  };
  try {
    for (const benchmark of BENCHMARKS) {
      if (names.length > 0 && benchmark.name !== names[0]) continue;
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
  };
}

process.exitCode = await main(process.argv.slice(2));
