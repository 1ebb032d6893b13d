import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { setTimeout as after } from 'node:timers/promises';
import { readAuditFacts } from '../../plant/cli/auditFacts.js';
import { type Difference, findDifferences } from '../../plant/cli/auditFindings.js';
import { bakeRoot, cloneRoot, probeFile } from '../../plant/cli/layout.js';
import { monitorsIn } from './leftovers.js';
import { type Server, startServer } from './server.js';

/** A plant in a process of its own, which can be killed and started again on the same data directory. */
export interface PlantServer {
  readonly name: string;
  readonly data: string;
  readonly address: () => string;
  /** Names of the clones' directories. */
  readonly clones: () => Promise<readonly string[]>;
  /** Process numbers of the monitors of its VMs. */
  readonly monitors: () => Promise<readonly number[]>;
  /** Names of the machines that are prepared, or being prepared, as it is recorded. */
  readonly prepared: () => Promise<readonly string[]>;
  /** Where record and reality differ: nowhere. */
  readonly audit: () => Promise<readonly Difference[]>;
  readonly kill: () => Promise<void>;
  /** After `kill` or `stop`: starts it again, where it was; with other arguments where they are given. */
  readonly startAgain: (args?: readonly string[]) => Promise<void>;
  /**
   * As an operator gets rid of machines that wait: it is restarted to prepare none, and they go. Answers with what was
   * wrong with that.
   */
  readonly endWaiting: () => Promise<readonly string[]>;
  /** What is there although no VM should be. */
  readonly leftovers: () => Promise<readonly string[]>;
  /** Asks it to end and answers with what was wrong with its end. */
  readonly stop: () => Promise<readonly string[]>;
  readonly log: () => string;
}

export interface PlantServerOptions {
  readonly name: string;
  readonly data: string;
  readonly warehouse: string;
  /** Answer of the probe for hardware virtualisation. */
  readonly hostFile: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Further arguments of `vmplant serve`. Default: nothing is learned and no machine waits. */
  readonly args?: readonly string[];
}

const DISCARD_MILLISECONDS = 60_000;

const NOTHING_AHEAD: readonly string[] = ['--learn-disk', '0', '--prepare-memory', '0'];

export async function openPlantServer(options: PlantServerOptions): Promise<PlantServer> {
  const { name, data, warehouse, variables } = options;
  await mkdir(data, { mode: 0o700 });
  await copyFile(options.hostFile, probeFile(data));
  const start = (listen: string, args: readonly string[] = options.args ?? NOTHING_AHEAD): Promise<Server> =>
    startServer(
      'vmplant',
      [...['serve', '--name', name, '--listen', listen, '--data', data, '--warehouse', warehouse], ...args],
      { variables },
    );
  let server = await start('127.0.0.1:0');
  const clones = (): Promise<readonly string[]> => namesIn(cloneRoot(data));
  const monitors = (): Promise<readonly number[]> => monitorsIn(cloneRoot(data));
  const prepared = async (): Promise<readonly string[]> =>
    (await readAuditFacts(data)).prepared.map(({ id }) => id);
  const audit = async (): Promise<readonly Difference[]> => findDifferences(await readAuditFacts(data));
  return {
    name,
    data,
    address: () => server.address,
    clones,
    monitors,
    prepared,
    audit,
    kill: () => server.kill(),
    startAgain: async (args) => {
      server = await start(server.address, args);
    },
    endWaiting: async () => {
      const problems = await server.stop();
      server = await start(server.address, NOTHING_AHEAD);
      const end = Date.now() + DISCARD_MILLISECONDS;
      while ((await prepared()).length > 0) {
        if (Date.now() > end) return [...problems, `${name} keeps machines that it has no use for`];
        await after(100);
      }
      return problems;
    },
    leftovers: async () => [
      ...(await clones()).map((clone) => `${name} has the clone ${clone}`),
      ...(await monitors()).map((pid) => `${name} has the monitor ${pid}`),
      ...(await namesIn(bakeRoot(data))).map((entry) => `${name} has the half-made ${entry}`),
      ...(await audit()).map(({ vmid, kind, detail }) => `${name}, ${kind}: ${vmid} ${detail}`),
    ],
    stop: () => server.stop(),
    log: () => server.log(),
  };
}

async function namesIn(directory: string): Promise<readonly string[]> {
  return await readdir(directory).catch(() => []);
}
