import { BROKER_LOOP } from '../broker/brokerId.js';
import type { PlantDescription } from '../client.js';

/**
 * `ready`: it answered. `unreachable`: it is known and does not answer; its numbers are those of its last answer. `gone`:
 * it is not among the plants any more; likewise. `loop`: a broker that leads back to the one that it is behind, and is
 * left out there.
 */
export type PlantStatus = 'ready' | 'unreachable' | 'gone' | 'loop';

/** A plant or broker as it was last seen. */
export interface SeenPlant {
  readonly plant: PlantDescription;
  readonly status: PlantStatus;
  /** Of a broker: what is behind it. Empty: it is a plant, or nothing is. */
  readonly behind: readonly SeenPlant[];
}

/**
 * What is known after another answer of the shop. Whoever was seen keeps its place, also when it is gone: a table that is
 * looked at does not jump.
 */
export function seePlants(
  before: readonly SeenPlant[],
  plants: readonly PlantDescription[],
): readonly SeenPlant[] {
  const now = new Map(plants.map((plant) => [keyOf(plant), plant]));
  const known = new Set(before.map(({ plant }) => keyOf(plant)));
  const added = [...now].filter(([key]) => !known.has(key)).map(([, plant]) => seen(undefined, plant));
  const kept = before.map((one) => {
    const plant = now.get(keyOf(one.plant));
    return plant === undefined ? withStatus(one, 'gone') : seen(one, plant);
  });
  return [...kept, ...added];
}

function seen(before: SeenPlant | undefined, plant: PlantDescription): SeenPlant {
  if (plant.error === undefined) {
    return { plant, status: 'ready', behind: seePlants(before?.behind ?? [], plant.behind ?? []) };
  }
  if (plant.error.startsWith(`${BROKER_LOOP}:`)) return { plant, status: 'loop', behind: [] };
  if (before === undefined) return { plant, status: 'unreachable', behind: [] };
  return withStatus({ ...before, plant: { ...before.plant, error: plant.error } }, 'unreachable');
}

/** What is behind a broker that cannot be asked is as far away as the broker. */
function withStatus(one: SeenPlant, status: PlantStatus): SeenPlant {
  if (one.status === 'loop') return one;
  return { ...one, status, behind: one.behind.map((behind) => withStatus(behind, status)) };
}

/** Its name may not be known; its address is, but for a plant that a broker has it from. */
function keyOf({ address, name }: PlantDescription): string {
  return address === '' ? `name ${name}` : address;
}
