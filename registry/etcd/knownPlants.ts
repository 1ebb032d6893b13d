import type { PlantAddress } from '../registry.js';
import type { PlantEntry } from './plantEntry.js';

/**
 * What is known of the plants: their entries by id, and which of them are kept although etcd may no longer have them.
 * After an outage of etcd the leases of living plants may have run out; they register again as soon as they notice,
 * and until a lease later nobody is taken for dead.
 */
export type KnownPlants = ReadonlyMap<string, KnownPlant>;

interface KnownPlant {
  readonly entry: PlantEntry;
  /** Milliseconds of the monotonic clock until which the plant is known, also without an entry. */
  readonly keptUntil?: number;
  /** Etcd does not have it: it is known for `keptUntil` alone. */
  readonly missing?: boolean;
}

/**
 * After a full list.
 * @param afterOutage whether etcd was away since the known ones were: they are kept for a lease from now on
 */
export function withList(
  known: KnownPlants,
  listed: ReadonlyMap<string, PlantEntry>,
  afterOutage: boolean,
  now: number,
): KnownPlants {
  const next = new Map<string, KnownPlant>();
  for (const [id, entry] of listed) {
    const before = known.get(id);
    const registeredAgain = before === undefined || before.entry.instance !== entry.instance;
    const keptUntil = registeredAgain ? undefined : kept(before, afterOutage, now);
    next.set(id, { entry, ...(keptUntil === undefined ? {} : { keptUntil }) });
  }
  for (const [id, before] of known) {
    const keptUntil = kept(before, afterOutage, now);
    if (next.has(id) || keptUntil === undefined || keptUntil <= now) continue;
    next.set(id, { entry: before.entry, keptUntil, missing: true });
  }
  return next;
}

function kept({ entry, keptUntil }: KnownPlant, afterOutage: boolean, now: number): number | undefined {
  return afterOutage ? now + entry.leaseSeconds * 1000 : keptUntil;
}

/** After a plant registered. */
export function withPlant(known: KnownPlants, id: string, entry: PlantEntry): KnownPlants {
  return new Map([...known, [id, { entry }]]);
}

/** After the entry of a plant vanished, or turned into what is none. */
export function withoutPlant(known: KnownPlants, id: string, now: number): KnownPlants {
  const plant = known.get(id);
  if (plant === undefined) return known;
  const next = new Map(known);
  if (plant.keptUntil !== undefined && plant.keptUntil > now) next.set(id, { ...plant, missing: true });
  else next.delete(id);
  return next;
}

/** Without those whose time is over. */
export function withoutExpired(known: KnownPlants, now: number): KnownPlants {
  return new Map(
    [...known].filter(([, { missing, keptUntil = now }]) => missing !== true || keptUntil > now),
  );
}

/** When the first of those that etcd does not have is forgotten; undefined without such. */
export function nextExpiry(known: KnownPlants): number | undefined {
  const ends = [...known.values()].flatMap(({ missing, keptUntil }) =>
    missing === true && keptUntil !== undefined ? [keptUntil] : [],
  );
  return ends.length === 0 ? undefined : Math.min(...ends);
}

/**
 * By id. An address is there once, whoever has it: where several say it, the one that etcd has and that began last
 * listens there now.
 */
export function addresses(known: KnownPlants): readonly PlantAddress[] {
  const holders = new Map<string, { readonly id: string; readonly plant: KnownPlant }>();
  for (const [id, plant] of known) {
    const other = holders.get(plant.entry.address);
    if (other === undefined || rank(plant) > rank(other.plant))
      holders.set(plant.entry.address, { id, plant });
  }
  return [...holders.values()]
    .sort((one, other) => (one.id < other.id ? -1 : 1))
    .map(({ plant: { entry } }) => Object.freeze({ address: entry.address, name: entry.name }));
}

function rank({ missing, entry }: KnownPlant): string {
  return `${missing === true ? 0 : 1} ${new Date(entry.started).toISOString()}`;
}
