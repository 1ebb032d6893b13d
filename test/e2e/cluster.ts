import { mkdir, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectVmshop, type ExecOptions, type VmshopClient } from '../../shop/client.js';
import { importImage } from '../../warehouse/importImage.js';
import { USERS_DIRECTORY } from '../../warehouse/layout.js';
import { type BaseName, baseImages } from './baseImages.js';
import { DIRECTORY_PREFIX, endAllIn, mountsIn, processesIn, sweepDeadRuns } from './leftovers.js';
import { openPlantServer, type PlantServer } from './plantServer.js';
import { outputOf, type ProgramOptions, type Run, startProgram, toEnd } from './program.js';
import { type Server, startServer } from './server.js';

/** A shop and its plants, each a process of its own, started through their command lines. */
export interface Cluster {
  /** Everything of the cluster lies below it. */
  readonly directory: string;
  /** The plants' golden images. */
  readonly warehouse: string;
  readonly plants: readonly PlantServer[];
  /** A client of the shop. */
  readonly shop: () => VmshopClient;
  readonly shopAddress: () => string;
  /** Runs `vmshop ARGS` against the shop. */
  readonly vmshop: (args: readonly string[], options?: ProgramOptions) => Promise<Run>;
  /** Standard output of `vmshop ARGS`, which has to end well. */
  readonly vmshopOutput: (args: readonly string[], options?: ProgramOptions) => Promise<string>;
  /** Runs `vmplant ARGS`; a build puts its machine below the cluster's directory and its image into its warehouse. */
  readonly vmplant: (args: readonly string[]) => Promise<Run>;
  /** Standard output of `vmplant ARGS`, which has to end well. */
  readonly vmplantOutput: (args: readonly string[]) => Promise<string>;
  /** Output of a script in a VM; rejects unless its status is 0. */
  readonly inGuest: (vmid: string, script: string, options?: ExecOptions) => Promise<string>;
  /** Ends the shop without a word to it and starts another, which knows nothing. */
  readonly replaceShop: () => Promise<void>;
  /** Collects every VM, ends every program and removes every file; rejects when something of them was left. */
  readonly close: () => Promise<void>;
}

export interface ClusterOptions {
  /**
   * Base images to copy into a warehouse of the cluster's own, in which it may publish. Without it the plants use
   * the warehouse of the base images, which may not be changed.
   */
  readonly ownImages?: readonly BaseName[];
  /** Names of the plants. Default: one. */
  readonly plants?: readonly string[];
  /** Further arguments of `vmplant serve`. Default: nothing is learned and no machine waits. */
  readonly plantArgs?: readonly string[];
}

const COPY_MILLISECONDS = 120_000;

/** Makes the base images where they are missing, and starts a cluster. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const bases = await baseImages();
  await sweepDeadRuns();
  const directory = await mkdtemp(join(tmpdir(), `${DIRECTORY_PREFIX}-${process.pid}-`));
  const warehouse = options.ownImages === undefined ? bases.warehouse : join(directory, 'warehouse');
  const variables = { VMPLANT_WAREHOUSE: warehouse };
  const plants: PlantServer[] = [];
  let shop: Server | undefined;
  let client: VmshopClient | undefined;

  const startShop = async (): Promise<void> => {
    const addresses = plants.map((plant) => plant.address()).join(',');
    shop = await startServer('vmshop', ['serve', '--listen', '127.0.0.1:0', '--plants', addresses], {
      variables,
    });
    client?.close();
    client = connectVmshop({ address: shop.address });
  };
  const shopAddress = (): string => shop?.address ?? '';
  const connected = (): VmshopClient => {
    if (client === undefined) throw new Error('the cluster has no shop');
    return client;
  };
  const startVmshop = (args: readonly string[], more: ProgramOptions = {}) =>
    startProgram('vmshop', args, {
      ...more,
      variables: { ...variables, VMSHOP_ADDRESS: shopAddress(), ...more.variables },
    });
  const startVmplant = (args: readonly string[]) =>
    startProgram('vmplant', args, { variables: { VMPLANT_DATA: plants[0]?.data ?? '', ...variables } });

  const close = async (): Promise<void> => {
    const problems: string[] = [];
    const attempt = async (work: () => Promise<readonly string[]>): Promise<void> => {
      try {
        problems.push(...(await work()));
      } catch (error) {
        problems.push(String(error));
      }
    };
    const current = client;
    if (current !== undefined) await attempt(() => collectAll(current));
    current?.close();
    if (options.plantArgs !== undefined) {
      for (const plant of plants) await attempt(plant.endWaiting);
    }
    for (const plant of plants) await attempt(plant.leftovers);
    const servers = [...(shop === undefined ? [] : [shop]), ...plants];
    for (const server of servers) await attempt(server.stop);
    await attempt(async () => (await processesIn(directory)).map(({ command }) => `still runs: ${command}`));
    await attempt(async () => (await mountsIn(directory)).map((mount) => `still mounted: ${mount}`));
    if (options.ownImages !== undefined) await attempt(() => unpublished(warehouse));
    const logs = problems.length === 0 ? [] : servers.map((server) => server.log());
    await endAllIn(directory);
    if (problems.length > 0) throw new Error([...problems, ...logs].join('\n'));
  };

  try {
    for (const name of options.ownImages ?? []) await copyImage(bases.warehouse, name, warehouse);
    for (const name of options.plants ?? ['plant-1']) {
      plants.push(
        await openPlantServer({
          name,
          data: join(directory, name),
          warehouse,
          hostFile: bases.hostFile,
          variables,
          ...(options.plantArgs === undefined ? {} : { args: options.plantArgs }),
        }),
      );
    }
    await startShop();
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
  return {
    directory,
    warehouse,
    plants,
    shop: connected,
    shopAddress,
    vmshop: (args, more) => toEnd(startVmshop(args, more)),
    vmshopOutput: (args, more) => outputOf(startVmshop(args, more)),
    vmplant: (args) => toEnd(startVmplant(args)),
    vmplantOutput: (args) => outputOf(startVmplant(args)),
    inGuest: (vmid, script, call) => inGuest(connected(), vmid, script, call),
    replaceShop: async () => {
      await shop?.kill();
      await startShop();
    },
    close,
  };
}

/** Publishes a copy of a base image in another warehouse. */
export async function copyImage(from: string, name: string, warehouse: string): Promise<void> {
  await mkdir(warehouse, { recursive: true });
  await importImage({ warehouse, source: join(from, name), signal: AbortSignal.timeout(COPY_MILLISECONDS) });
}

async function inGuest(
  client: VmshopClient,
  vmid: string,
  script: string,
  options: ExecOptions = {},
): Promise<string> {
  const output: Uint8Array[] = [];
  const onOutput = (data: Uint8Array): void => {
    output.push(data);
  };
  const { status } = await client.exec(vmid, script, { ...options, onOutput });
  const text = Buffer.concat(output).toString();
  if (status !== 0) throw new Error(`a script in ${vmid} ended with status ${status}: ${script}\n${text}`);
  return text;
}

/** Tests collect what they create; what a failed one left is collected here. */
async function collectAll(client: VmshopClient): Promise<readonly string[]> {
  const { vms, unreachable } = await client.list();
  await Promise.all(vms.map(({ vmid }) => client.collect(vmid)));
  return unreachable.map((plant) => `unreachable at the end: ${plant}`);
}

/** What an interrupted publication leaves, beside the warehouse's own register. */
async function unpublished(warehouse: string): Promise<readonly string[]> {
  const names = (await readdir(warehouse)).filter((name) => name.startsWith('.') && name !== USERS_DIRECTORY);
  return names.map((name) => `left in the warehouse: ${name}`);
}
