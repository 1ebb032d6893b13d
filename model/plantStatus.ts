import { sha256 } from './canonical.js';

/** What a shop or broker needs to know of a plant to decide whether to ask it for a bid: never more than an estimate. */
export interface PlantStatus {
  readonly name: string;
  readonly broker: boolean;
  readonly quote: PlantQuote;
  /** Room for so many VMs, and memory for them; of a broker, of the plant behind it that has most. */
  readonly freeVms: number;
  readonly freeMemoryMiB: number;
  readonly freeNetworks: number;
  /** `mark` of every client domain that has a host-only network there. */
  readonly domains: readonly string[];
  /** Absent: as it was told last. */
  readonly images?: ImageProfile;
  /** Names of its production lines. */
  readonly lines: readonly string[];
}

/** What a VM would cost now, as far as that does not depend on the order's work. */
export interface PlantQuote {
  /** Of a VM that needs no new host-only network. */
  readonly cost: number;
  /** On top of it for a client domain that has no host-only network there. */
  readonly networkCost: number;
}

/** What golden images offer, without telling what they are. */
export interface ImageProfile {
  /** For example `debian 12`, each once. */
  readonly operatingSystems: readonly string[];
  /** `keyMark` of actions that some image has performed; at most `MOST_KEYS`, those of the newest images first. */
  readonly keys: readonly string[];
}

export const MOST_KEYS = 4096;

const MARK_DIGITS = 12;

/** What stands for a client domain in a status: the first 12 hexadecimal digits of its SHA-256. */
export function domainMark(clientDomain: string): string {
  return sha256(clientDomain).slice(0, MARK_DIGITS);
}

/** What stands for an action's key in a status: its first 12 hexadecimal digits. */
export function keyMark(key: string): string {
  return key.slice(0, MARK_DIGITS);
}
