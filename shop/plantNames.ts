import { asVmplantsError } from '../model/errors.js';
import type { CallOptions } from '../proto/channel.js';
import type { Logger } from '../proto/logger.js';
import type { PlantClient } from '../proto/plantClient.js';

/**
 * What plants call themselves, by address, as far as they have said: for people, who know a plant by its name. Only
 * that; whoever has lost it says the address instead.
 */
export interface PlantNames {
  set(address: string, name: string): void;
  /** The name, else the address. */
  of(address: string): string;
  /** Asks those plants whose names are not known yet; one that does not say keeps its address. */
  learn(plants: readonly PlantClient[], options: CallOptions, logger: Logger): Promise<void>;
}

export function createPlantNames(): PlantNames {
  const names = new Map<string, string>();
  const set = (address: string, name: string): void => {
    // A bid from behind a broker names the broker first, and then what is behind it.
    const [own] = name.split('/', 1);
    if (own !== undefined && own !== '') names.set(address, own);
  };
  return {
    set,
    of: (address) => names.get(address) ?? address,
    learn: async (plants, options, logger) => {
      const unknown = plants.filter(({ address }) => !names.has(address));
      await Promise.all(
        unknown.map(async (plant) => {
          try {
            set(plant.address, (await plant.describe({}, options)).name);
          } catch (thrown) {
            const { code } = asVmplantsError(thrown);
            logger.debug?.({ address: plant.address, code }, 'a plant did not say its name');
          }
        }),
      );
    },
  };
}
