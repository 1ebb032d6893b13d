import { mkdir, realpath } from 'node:fs/promises';
import type { ProductionLine } from '../line.js';
import { createUmlLine } from './line.js';
import { makeModulesMedium } from './modulesMedium.js';
import { probe } from './probe.js';

export interface OpenUmlOptions {
  /** Path of the kernel, for example `/usr/bin/linux.uml`. */
  readonly binary: string;
  /** Path of the client of the management console, for example `/usr/bin/uml_mconsole`. */
  readonly mconsole: string;
  /** Absolute; for golden disks in the form that it reads, made on first use. Made when missing. */
  readonly expandedDirectory: string;
  /** For the files of the probe. */
  readonly temporaryDirectory: string;
  /** A file system in memory, executable, which holds the machines' memory. Default `/dev/shm`. */
  readonly memoryDirectory?: string;
}

/** Where Debian's package keeps the modules of its kernels, by release. */
const MODULES_DIRECTORY = '/usr/lib/uml/modules';

/** Opens the line, after a boot has proven that it works here. Rejects with FAILED_PRECONDITION, as `probe` does. */
export async function openUmlLine(options: OpenUmlOptions, signal: AbortSignal): Promise<ProductionLine> {
  const { expandedDirectory, mconsole, memoryDirectory = '/dev/shm' } = options;
  const asRoot = process.getuid?.() === 0;
  const { binary, release } = await probe({ ...options, memoryDirectory, asRoot }, signal);
  await mkdir(expandedDirectory, { recursive: true, mode: 0o700 });
  const modulesFile = await makeModulesMedium(`${MODULES_DIRECTORY}/${release}`, expandedDirectory);
  const host = {
    binary,
    release,
    mconsole: await realpath(mconsole),
    expandedDirectory,
    memoryDirectory,
    modulesFile,
    asRoot,
  };
  return createUmlLine({ host });
}
