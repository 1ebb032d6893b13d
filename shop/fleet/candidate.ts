import type { PlantStatus } from '../../model/plantStatus.js';
import { hasMark, type KeySet, keySetOf } from './keySet.js';
import type { OrderSummary } from './orderSummary.js';

/** A plant that may be asked for a bid, with what is known of it. */
export interface Candidate {
  readonly address: string;
  /** Its stream of statuses is down, or it did not answer the last time that it was asked: it is asked last. */
  readonly suspect: boolean;
  /** Undefined: nothing was heard of it yet. */
  readonly known: KnownPlant | undefined;
}

/** A plant's last status, as it is looked things up in. */
export interface KnownPlant {
  readonly status: Omit<PlantStatus, 'images'>;
  readonly domains: ReadonlySet<string>;
  readonly operatingSystems: readonly string[];
  readonly keys: KeySet;
}

/** What is known of a plant after a status of it; what that leaves out is as it was `before`. */
export function knownPlant(status: PlantStatus, before: KnownPlant | undefined): KnownPlant {
  const { images, ...rest } = status;
  return {
    status: rest,
    domains: new Set(status.domains),
    operatingSystems: images?.operatingSystems ?? before?.operatingSystems ?? [],
    keys: images === undefined ? (before?.keys ?? keySetOf([])) : keySetOf(images.keys),
  };
}

/** Whether the plant, as far as is known, has room for the order, its operating system and its line. */
export function fits(order: OrderSummary, { status, domains, operatingSystems }: KnownPlant): boolean {
  if (status.freeVms === 0 || status.freeMemoryMiB < order.memoryMiB) return false;
  if (order.networkOf !== undefined && status.freeNetworks === 0 && !domains.has(order.networkOf))
    return false;
  if (order.line !== undefined && !status.lines.includes(order.line)) return false;
  const { name, version } = order.operatingSystem;
  return version === undefined
    ? operatingSystems.some((system) => system.startsWith(`${name} `))
    : operatingSystems.includes(`${name} ${version}`);
}

/** How many of the order's actions some image of the plant has performed. */
export function keysHeld(order: OrderSummary, { keys }: KnownPlant): number {
  let held = 0;
  for (const mark of order.keys) if (hasMark(keys, mark)) held += 1;
  return held;
}

/** What the plant would ask for the order, apart from its work. */
export function estimatedCost(order: OrderSummary, { status, domains }: KnownPlant): number {
  const newNetwork = order.networkOf !== undefined && !domains.has(order.networkOf);
  return status.quote.cost + (newNetwork ? status.quote.networkCost : 0);
}
