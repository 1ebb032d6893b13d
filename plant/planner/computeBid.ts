import type { Bid } from '../../model/bid.js';
import { VmplantsError } from '../../model/errors.js';
import type { Order } from '../../model/order.js';
import type { Choice } from './choose.js';
import type { CostModel } from './cost.js';
import { needsNewNetwork, type PlantSnapshot } from './snapshot.js';

export interface BidInput {
  /** Name of the bidding plant. */
  readonly plant: string;
  readonly order: Order;
  readonly snapshot: PlantSnapshot;
  /** The planner's choice; undefined when no image matches. */
  readonly choice: Choice | undefined;
  readonly models: readonly CostModel[];
  readonly holdsForMilliseconds: number;
}

/** An offer, or why the plant makes none. */
export type BidResult =
  | { readonly kind: 'bid'; readonly bid: Bid }
  | { readonly kind: 'refusal'; readonly refusal: Refusal };

/** Why a plant cannot take an order. */
export interface Refusal {
  /** For programs: what the plant lacks. */
  readonly reason: RefusalReason;
  /** One sentence: what the order needs and what is there. */
  readonly message: string;
}

export type RefusalReason = 'NO_MATCHING_IMAGE' | 'TOO_LARGE' | 'NO_VM_SLOT' | 'NO_MEMORY' | 'NO_NETWORK';

/**
 * The plant's bid for an order (VMPlants paper, sections 3.1 and 3.4): the sum of its cost models, or a refusal when
 * it has no room or no matching image. Pure.
 */
export function computeBid(input: BidInput): BidResult {
  const { order, snapshot, choice, models } = input;
  const refusal = refuse(order, snapshot);
  if (refusal !== undefined) return { kind: 'refusal', refusal };
  if (choice === undefined) {
    const message = 'no golden image of this plant matches the order; `plan` says why each was rejected';
    return { kind: 'refusal', refusal: { reason: 'NO_MATCHING_IMAGE', message } };
  }
  const components = models.map((model) => model(snapshot, order, choice));
  return {
    kind: 'bid',
    bid: {
      plant: input.plant,
      orderDigest: order.digest,
      cost: components.reduce((sum, component) => sum + component.cost, 0),
      components,
      image: choice.image.name,
      rung: choice.rung,
      prepared: choice.prepared,
      residualSeconds: choice.residualSeconds,
      holdsForMilliseconds: input.holdsForMilliseconds,
    },
  };
}

/** FAILED_PRECONDITION for what this plant can never take as it is; RESOURCE_EXHAUSTED for what it may take later. */
export function refusalError({ reason, message }: Refusal): VmplantsError {
  const never = reason === 'NO_MATCHING_IMAGE' || reason === 'TOO_LARGE';
  return new VmplantsError(never ? 'FAILED_PRECONDITION' : 'RESOURCE_EXHAUSTED', message, { reason });
}

/** What of an order decides whether there is room for it. */
export type RoomWanted = Pick<Order, 'network' | 'clientDomain'> & {
  readonly hardware: { readonly memoryMiB: number };
};

/** Whether the plant lacks room for the order; cheap, so that it can be asked before planning. */
export function refuse(order: RoomWanted, snapshot: PlantSnapshot): Refusal | undefined {
  // First, because no waiting helps against it.
  if (order.hardware.memoryMiB > snapshot.totalMemoryMiB) {
    const message = `the order needs ${order.hardware.memoryMiB} MiB of memory, this plant has ${snapshot.totalMemoryMiB} MiB for VMs in all`;
    return { reason: 'TOO_LARGE', message };
  }
  if (snapshot.vms >= snapshot.maxVms) {
    const message = `all ${snapshot.maxVms} VMs that this plant can host are taken`;
    return { reason: 'NO_VM_SLOT', message };
  }
  const free = snapshot.totalMemoryMiB - snapshot.usedMemoryMiB;
  if (order.hardware.memoryMiB > free) {
    const message = `the order needs ${order.hardware.memoryMiB} MiB of memory, ${Math.max(0, free)} MiB are free`;
    return { reason: 'NO_MEMORY', message };
  }
  if (needsNewNetwork(snapshot, order) && snapshot.networks.byDomain.size >= snapshot.networks.total) {
    const message = `all ${snapshot.networks.total} host-only networks belong to other client domains`;
    return { reason: 'NO_NETWORK', message };
  }
  return undefined;
}
