import type { ChannelCredentials } from '@grpc/grpc-js';
import { openPlantClient, type PlantClient } from '../proto/plantClient.js';
import type { AbsentPlant, Registry } from '../registry/registry.js';

/**
 * The connections of a shop to its plants: one for each address, kept while the registry knows it, and after that until
 * nobody uses it any more. A plant may leave the registry in the middle of a production and yet go on with it.
 */
export interface PlantLinks {
  /** One for every plant that the registry knows now. */
  all(): readonly PlantClient[];
  /** Plants that may have VMs and cannot be asked: see `Registry`. */
  absent(): readonly AbsentPlant[];
  /** Why there may be plants that are not among them; undefined while all are. */
  warning(): string | undefined;
  close(): void;
}

/** Longer than a call takes to follow on another that needs the same plant. */
const UNUSED_MILLISECONDS = 60_000;

interface Link {
  readonly client: PlantClient;
  /** The registry does not know the address now. */
  readonly leave: () => void;
  readonly comeBack: () => void;
  readonly close: () => void;
}

/**
 * Addresses that are none were refused when the registry was made; here they throw INVALID_ARGUMENT.
 *
 * @param unusedMilliseconds how long no call may run on a connection that is not needed any more until it is closed
 */
export function openPlantLinks(
  registry: Registry,
  credentials: ChannelCredentials | undefined,
  unusedMilliseconds = UNUSED_MILLISECONDS,
): PlantLinks {
  const open = new Map<string, Link>();
  const left = new Map<string, Link>();
  const openLink = (address: string): Link =>
    linkTo(address, credentials, unusedMilliseconds, () => left.delete(address));
  return {
    all: () => {
      const known = new Set(registry.plants().map(({ address }) => address));
      for (const [address, link] of open) {
        if (known.has(address)) continue;
        open.delete(address);
        left.set(address, link);
        link.leave();
      }
      for (const address of known) {
        if (open.has(address)) continue;
        const link = left.get(address) ?? openLink(address);
        left.delete(address);
        link.comeBack();
        open.set(address, link);
      }
      return [...open.values()].map(({ client }) => client);
    },
    absent: () => registry.absent(),
    warning: () => registry.warning(),
    close: () => {
      for (const link of [...open.values(), ...left.values()]) link.close();
      open.clear();
      left.clear();
    },
  };
}

function linkTo(
  address: string,
  credentials: ChannelCredentials | undefined,
  unusedMilliseconds: number,
  onUnused: () => void,
): Link {
  let running = 0;
  let leaving = false;
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    clearTimeout(timer);
    if (!leaving || running > 0) return;
    timer = setTimeout(() => {
      client.close();
      onUnused();
    }, unusedMilliseconds).unref();
  };
  const client = openPlantClient({
    address,
    ...(credentials === undefined ? {} : { credentials }),
    onCalls: (now) => {
      running = now;
      if (leaving) look();
    },
  });
  const leave = (is: boolean): void => {
    leaving = is;
    look();
  };
  return {
    client,
    leave: () => leave(true),
    comeBack: () => leave(false),
    close: () => {
      leave(false);
      client.close();
    },
  };
}
