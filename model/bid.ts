import type { Rung } from './plan.js';

/** A plant's offer for an order (VMPlants paper, sections 3.1 and 3.4). */
export interface Bid {
  /** Name of the bidding plant. */
  readonly plant: string;
  /** Digest of the order that it is for; the shop discards a bid for another. */
  readonly orderDigest: string;
  /** Sum of the components; finite and not negative. Lower wins. */
  readonly cost: number;
  readonly components: readonly CostComponent[];
  /** The golden image that the plant would clone, and how. */
  readonly image: string;
  readonly rung: Rung;
  /** Whether a machine of that image waits already, resumed, to be handed out. */
  readonly prepared: boolean;
  /** Expected seconds of work that the image does not bring. */
  readonly residualSeconds: number;
  /** How long the offer holds, in milliseconds from the moment it is received. */
  readonly holdsForMilliseconds: number;
}

/** A part of the cost and what it is based on, for example `compute`, 12, `4 x 3 VMs`. */
export interface CostComponent {
  readonly name: string;
  readonly cost: number;
  readonly basis: string;
}
