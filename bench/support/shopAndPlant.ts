import { type Server, startServer } from '../../quickstart/command.js';
import { connectVmshop, type VmshopClient } from '../../shop/client.js';
import type { Surroundings } from './surroundings.js';

/** A shop and a plant, each a process of its own, and a client of the shop. */
export interface ShopAndPlant {
  readonly client: VmshopClient;
  /** Ends the processes. The plant's VMs outlive it: see `discardClones`. */
  close(): Promise<void>;
}

/** Starts both as users do, on ports that are free. */
export async function startShopAndPlant(
  { programs }: Surroundings,
  directories: { readonly data: string; readonly warehouse: string },
  signal: AbortSignal,
): Promise<ShopAndPlant> {
  const listen = ['--listen', '127.0.0.1:0'];
  const places = ['--data', directories.data, '--warehouse', directories.warehouse];
  const servers: Server[] = [];
  const stop = async (): Promise<void> => {
    for (const server of [...servers].reverse()) await server.stop();
  };
  try {
    const plant = await startServer(programs.vmplant, ['serve', '--name', 'bench', ...listen, ...places], {
      programs,
      signal,
    });
    servers.push(plant);
    const shop = await startServer(programs.vmshop, ['serve', ...listen, '--plants', plant.address], {
      programs,
      signal,
    });
    servers.push(shop);
    const client = connectVmshop({ address: shop.address });
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
