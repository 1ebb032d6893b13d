import { setTimeout as after } from 'node:timers/promises';
import { asVmplantsError, type VmplantsError } from '../model/errors.js';
import type { PlantClient } from '../proto/plantClient.js';
import type { Registry } from '../registry/registry.js';
import type { PlantLinks } from './plantLinks.js';

/** What becomes of the streams of plants. Plants are named by their addresses. */
export interface Follower<Message> {
  /** Opens the stream of one plant; what ends it is an error or the end of it. */
  readonly open: (plant: PlantClient, signal: AbortSignal) => AsyncIterable<Message>;
  /** A new stream is about to be opened: what it says comes from the beginning again. */
  readonly onOpen: (address: string) => void;
  readonly onMessage: (address: string, message: Message) => void;
  /** The stream broke, or could not be opened; it will be tried again. */
  readonly onBroken: (address: string, error: VmplantsError | undefined) => void;
  /** The registry does not know the plant any more. */
  readonly onLeft: (address: string) => void;
}

const FIRST_PAUSE_MILLISECONDS = 200;
const LONGEST_PAUSE_MILLISECONDS = 5_000;
/** A loop is there until somebody takes it away. */
const LOOP_PAUSE_MILLISECONDS = 30_000;

/**
 * Follows the streams of all plants that the registry knows, now and later, until the signal is aborted; a stream that
 * broke is opened again, soon at first and then more seldom. Returns at once.
 */
export function followPlants<Message>(
  links: Pick<PlantLinks, 'all'>,
  registry: Pick<Registry, 'onChange'>,
  follower: Follower<Message>,
  signal: AbortSignal,
): void {
  const followed = new Map<string, AbortController>();
  const reconcile = (): void => {
    const plants = new Map(links.all().map((plant) => [plant.address, plant]));
    for (const [address, leaving] of followed) {
      if (plants.has(address)) continue;
      followed.delete(address);
      leaving.abort();
      follower.onLeft(address);
    }
    for (const [address, plant] of plants) {
      if (followed.has(address)) continue;
      const leaving = new AbortController();
      followed.set(address, leaving);
      void followOne(plant, follower, leaving.signal);
    }
  };
  const unsubscribe = registry.onChange(reconcile);
  const end = (): void => {
    unsubscribe();
    for (const leaving of followed.values()) leaving.abort();
    followed.clear();
  };
  if (signal.aborted) {
    end();
    return;
  }
  signal.addEventListener('abort', end, { once: true });
  reconcile();
}

/** Never rejects. */
async function followOne<Message>(
  plant: PlantClient,
  follower: Follower<Message>,
  signal: AbortSignal,
): Promise<void> {
  const { address } = plant;
  let pause = FIRST_PAUSE_MILLISECONDS;
  while (!signal.aborted) {
    let error: VmplantsError | undefined;
    try {
      follower.onOpen(address);
      for await (const message of follower.open(plant, signal)) {
        if (signal.aborted) return;
        pause = FIRST_PAUSE_MILLISECONDS;
        follower.onMessage(address, message);
      }
    } catch (thrown) {
      error = asVmplantsError(thrown);
    }
    if (signal.aborted) return;
    follower.onBroken(address, error);
    await after(error?.reason === 'BROKER_LOOP' ? LOOP_PAUSE_MILLISECONDS : pause, undefined, {
      signal,
    }).catch(() => undefined);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS);
  }
}
