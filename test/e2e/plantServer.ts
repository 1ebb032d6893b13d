import { copyFile, mkdir, readdir } from 'node:fs/promises';
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
  /** Where record and reality differ: nowhere. */
  readonly audit: () => Promise<readonly Difference[]>;
  readonly kill: () => Promise<void>;
  /** After `kill`: starts it again, where it was. */
  readonly startAgain: () => Promise<void>;
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
}

export async function openPlantServer(options: PlantServerOptions): Promise<PlantServer> {
  const { name, data, warehouse, variables } = options;
  await mkdir(data, { mode: 0o700 });
  await copyFile(options.hostFile, probeFile(data));
  const start = (listen: string): Promise<Server> =>
    startServer(
      'vmplant',
      ['serve', '--name', name, '--listen', listen, '--data', data, '--warehouse', warehouse],
      { variables },
    );
  let server = await start('127.0.0.1:0');
  const clones = (): Promise<readonly string[]> => namesIn(cloneRoot(data));
  const monitors = (): Promise<readonly number[]> => monitorsIn(cloneRoot(data));
  const audit = async (): Promise<readonly Difference[]> => findDifferences(await readAuditFacts(data));
  return {
    name,
    data,
    address: () => server.address,
    clones,
    monitors,
    audit,
    kill: () => server.kill(),
    startAgain: async () => {
      server = await start(server.address);
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
