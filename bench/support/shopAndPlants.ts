import { type Server, startServer } from '../../dev/serverProcess.js';
import { connectVmshop, type VmshopClient } from '../../shop/client.js';
import type { Surroundings } from './surroundings.js';

/** A shop and its plants, each a process of its own, and a client of the shop. */
export interface ShopAndPlants {
  readonly client: VmshopClient;
  /** Ends the processes. The plants' VMs outlive them: see `discardClones`. */
  close(): Promise<void>;
}

export interface PlantPlace {
  readonly name: string;
  /** Its data directory, absolute. */
  readonly data: string;
  /** Further arguments of `vmplant serve`. */
  readonly flags: readonly string[];
}

/** Starts all of them as users do, on ports that are free. */
export async function startShopAndPlants(
  { programs }: Surroundings,
  warehouse: string,
  plants: readonly PlantPlace[],
  signal: AbortSignal,
): Promise<ShopAndPlants> {
  const listen = ['--listen', '127.0.0.1:0'];
  const servers: Server[] = [];
  const stop = async (): Promise<void> => {
    for (const server of [...servers].reverse()) await server.stop();
  };
  const start = async (program: string, args: readonly string[]): Promise<string> => {
    const server = await startServer(program, ['serve', ...listen, ...args], { programs, signal });
    servers.push(server);
    return server.address;
  };
  try {
    const addresses: string[] = [];
    // One after the other: each takes a core while it loads.
    for (const { name, data, flags } of plants) {
      const places = ['--name', name, '--data', data, '--warehouse', warehouse];
      addresses.push(await start(programs.vmplant, [...places, ...flags]));
    }
    const client = connectVmshop({
      address: await start(programs.vmshop, ['--plants', addresses.join(',')]),
    });
    return {
      client,
      close: async () => {
        client.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
