import type { GoldenImage } from '../model/goldenImage.js';
import {
  domainMark,
  type ImageProfile,
  keyMark,
  MOST_KEYS,
  type PlantQuote,
  type PlantStatus,
} from '../model/plantStatus.js';
import type { CostedChoice, CostedOrder, CostModel } from './planner/cost.js';
import type { PlantSnapshot } from './planner/snapshot.js';

export interface StatusInput {
  /** Of the plant. */
  readonly name: string;
  readonly snapshot: PlantSnapshot;
  readonly models: readonly CostModel[];
  readonly images: ImageProfile;
  /** Names of the production lines. */
  readonly lines: readonly string[];
}

/** A plant's own, which always says what its images offer. */
export type WholeStatus = PlantStatus & { readonly images: ImageProfile };

/** What the plant tells shops and brokers, by which they decide whom to ask for a bid. Pure. */
export function plantStatus({ name, snapshot, models, images, lines }: StatusInput): WholeStatus {
  const { networks } = snapshot;
  return {
    name,
    broker: false,
    quote: quote(snapshot, models),
    freeVms: Math.max(0, snapshot.maxVms - snapshot.vms),
    freeMemoryMiB: Math.max(0, snapshot.totalMemoryMiB - snapshot.usedMemoryMiB),
    freeNetworks: Math.max(0, networks.total - networks.byDomain.size),
    domains: [...networks.byDomain.keys()].map(domainMark),
    images,
    lines: [...new Set(lines)],
  };
}

/** The smallest order there is, of a client domain that nobody can have. */
const LEAST_ORDER = {
  hardware: { isa: 'x86_64', vcpus: 1, memoryMiB: 32, diskMiB: 0 },
  clientDomain: '',
} as const;
/** Nothing is left to do, and the machine runs already. */
const NO_WORK: CostedChoice = { rung: 'warm', prepared: false, residualSeconds: 0, startSeconds: 0 };

/**
 * The cost models' answer for the least that can be asked: what the plant's load makes of the price. The network's
 * part is what a host-only network for a new client domain adds. Finite and not negative also where there is no room.
 */
export function quote(snapshot: PlantSnapshot, models: readonly CostModel[]): PlantQuote {
  const price = (order: CostedOrder): number =>
    models.reduce((sum, model) => sum + model(snapshot, order, NO_WORK).cost, 0);
  const cost = asPrice(price({ ...LEAST_ORDER, network: { kind: 'none' } }));
  const withNetwork = asPrice(price({ ...LEAST_ORDER, network: { kind: 'host-only' } }));
  return { cost, networkCost: Math.max(0, withNetwork - cost) };
}

function asPrice(cost: number): number {
  return Number.isFinite(cost) ? Math.max(0, cost) : 0;
}

/** What the images have performed, by the marks of their keys; the newest images' where there are too many. */
export function imageProfile(images: readonly GoldenImage[]): ImageProfile {
  const newestFirst = [...images].sort((a, b) =>
    a.created < b.created ? 1 : a.created > b.created ? -1 : 0,
  );
  const keys = new Set<string>();
  for (const { performed } of newestFirst) {
    for (const { key } of performed) {
      if (keys.size >= MOST_KEYS) break;
      keys.add(keyMark(key));
    }
  }
  const systems = images.map(({ operatingSystem: { name, version } }) => `${name} ${version}`);
  return { operatingSystems: [...new Set(systems)].sort(), keys: [...keys] };
}
