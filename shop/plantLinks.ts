import type { ChannelCredentials } from '@grpc/grpc-js';
import { openPlantClient, type PlantClient } from '../proto/plantClient.js';
import type { Registry } from '../registry/registry.js';

/** The connections of a shop to its plants: one for each address, kept while the registry knows it. */
export interface PlantLinks {
  /** One for every plant that the registry knows now. */
  all(): readonly PlantClient[];
  /** Why there may be plants that are not among them; undefined while all are. */
  warning(): string | undefined;
  close(): void;
}

/** Addresses that are none were refused when the registry was made; here they throw INVALID_ARGUMENT. */
export function openPlantLinks(registry: Registry, credentials: ChannelCredentials | undefined): PlantLinks {
  const open = new Map<string, PlantClient>();
  return {
    all: () => {
      const known = new Set(registry.plants().map(({ address }) => address));
      for (const [address, client] of open) {
        if (known.has(address)) continue;
        open.delete(address);
        client.close();
      }
      for (const address of known) {
        if (open.has(address)) continue;
        open.set(
          address,
          openPlantClient({ address, ...(credentials === undefined ? {} : { credentials }) }),
        );
      }
      return [...open.values()];
    },
    warning: () => registry.warning(),
    close: () => {
      for (const client of open.values()) client.close();
      open.clear();
    },
  };
}
