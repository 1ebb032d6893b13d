import { tmpdir, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { formatCount } from '../cli/amounts.js';
import type { CliEnvironment } from '../cli/environment.js';
import { createProgressDisplay } from '../cli/progressDisplay.js';
import { write } from '../cli/terminal.js';
import { untilAborted } from '../cli/untilAborted.js';
import { VmplantsError } from '../model/errors.js';
import { wantedLines } from './chooseGuests.js';
import { startCluster } from './cluster.js';
import { exportLine, renderReady } from './clusterText.js';
import { readyGuests } from './guests.js';
import { installation, type Programs } from './programs.js';
import { usedWarehouse } from './usedImages.js';
import { openWorkDirectory } from './workDirectory.js';

/** A cluster for trying, as its user asks for it. */
export interface DevClusterOptions {
  readonly plants: number;
  /** The plants stand behind so many brokers; 0: the shop asks them itself. */
  readonly brokers: number;
  /** Production lines with commas between them; absent: what works here. */
  readonly line?: string;
  /** Directory of the golden images; absent: where `vmplant` looks by itself. */
  readonly warehouse?: string;
  /** Where data and logs lie, which then are kept; absent: a temporary directory. */
  readonly directory?: string;
  /** Most VMs of one plant. */
  readonly maxVms?: number;
  /** Where the shop serves. */
  readonly shopAddress: string;
  /** More arguments for every plant. */
  readonly plantArguments: readonly string[];
}

export interface DevClusterParts {
  readonly environment: CliEnvironment;
  /** Collects every VM that the shop knows, and answers with how many. */
  readonly collectVms: (shopAddress: string, signal: AbortSignal) => Promise<number>;
  /** Ends the cluster. */
  readonly signal: AbortSignal;
}

/** Of the host's memory; as much as a plant alone takes. */
const MEMORY_SHARE = 0.75;

/**
 * Starts the cluster, says how to use it, waits for the signal, and then collects its VMs, ends its processes and
 * removes its files. Rejects when it cannot be started, after the same cleaning up, or when something is left.
 */
export async function runDevCluster(options: DevClusterOptions, parts: DevClusterParts): Promise<void> {
  const { environment, collectVms, signal } = parts;
  // Before anything is made or built.
  wantedLines(options.line);
  const { terminal } = environment;
  const since = environment.monotonic();
  const { vmshop, vmplant, examples } = installation();
  const nodeArguments = process.execArgv.filter((argument) => !argument.startsWith('--inspect'));
  const programs: Programs = { vmshop, vmplant, environment: environment.variables, nodeArguments };
  const absolute = (path: string): string => resolve(environment.directory, path);

  const display = createProgressDisplay(terminal, { quiet: false, now: environment.now });
  const work = await openWorkDirectory(
    options.directory === undefined ? undefined : absolute(options.directory),
    tmpdir(),
    environment.userId,
    display.note,
  );
  let killAll: () => void = () => {};
  // Whoever interrupts twice does not wait for an orderly end; nothing stays all the same.
  const emergency = (): void => {
    killAll();
    work.remove();
  };
  process.on('exit', emergency);
  const problems: string[] = [];
  try {
    const guests = await readyGuests(
      {
        directory: work.path,
        ...(options.line === undefined ? {} : { line: options.line }),
        ...(options.warehouse === undefined ? {} : { warehouse: absolute(options.warehouse) }),
      },
      { programs, examples, environment, print: display.note, signal },
    );
    const { plants, brokers, maxVms, shopAddress, plantArguments } = options;
    await work.noteWarehouse(usedWarehouse({ warehouse: guests.warehouse, plantArguments, environment }));
    display.report({
      phase: 'start',
      message: `${formatCount(plants, 'plant')} and a shop (line ${guests.line})`,
    });
    const cluster = await startCluster(
      {
        ...{ plants, brokers, shopAddress, plantArguments },
        ...(maxVms === undefined ? {} : { maxVms }),
        ...(guests.warehouse === undefined ? {} : { warehouse: guests.warehouse }),
        line: guests.line,
        learns: guests.ownWarehouse,
        directory: work.path,
        memoryMiB: Math.floor((totalmem() * MEMORY_SHARE) / 2 ** 20),
      },
      {
        ...{ programs, collectVms, signal, note: display.note },
        onEmergency: (kill) => {
          killAll = kill;
        },
      },
    );
    try {
      display.end();
      const facts = {
        cluster,
        plants,
        brokers,
        directory: work.path,
        kept: work.kept,
        example: guests.example,
      };
      const seconds = (environment.monotonic() - since) / 1000;
      await write(terminal.stderr, renderReady({ ...facts, line: guests.line, seconds }));
      await write(terminal.stdout, exportLine(cluster.shopAddress));
      await untilAborted(signal);
      display.note('the cluster ends; once more Ctrl-C ends it at once');
    } finally {
      problems.push(...(await cluster.close()));
    }
  } finally {
    display.end();
    work.remove();
    process.off('exit', emergency);
  }
  if (problems.length > 0) {
    throw new VmplantsError('INTERNAL', `something is left of the cluster: ${problems.join('; ')}`);
  }
  display.note(work.kept ? `nothing runs any more; its files are in ${work.path}` : 'nothing is left of it');
}
