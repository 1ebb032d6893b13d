import { type ShopAndPlants, startShopAndPlants } from './shopAndPlants.js';
import type { Surroundings } from './surroundings.js';

/** A shop and one plant with the defaults of `vmplant serve`. */
export async function startShopAndPlant(
  surroundings: Surroundings,
  directories: { readonly data: string; readonly warehouse: string },
  signal: AbortSignal,
): Promise<ShopAndPlants> {
  const plant = { name: 'bench', data: directories.data, flags: [] };
  return await startShopAndPlants(surroundings, directories.warehouse, [plant], signal);
}
