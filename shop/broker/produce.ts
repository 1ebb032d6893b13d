import { asVmplantsError, VmplantsError } from '../../model/errors.js';
import type { Order } from '../../model/order.js';
import type { CreateEvent } from '../../proto/gen/vmplants/v1/CreateEvent.js';
import { orderToMachineRequest } from '../../proto/mapping/machineRequest.js';
import type { PlantClient } from '../../proto/plantClient.js';
import { claimOn } from '../claim.js';
import { isClaimed, type Located, locateForGood } from '../locate.js';
import {
  type Hands,
  type Made,
  type Making,
  produceAt,
  produceWithFallbacks,
} from '../produceWithFallbacks.js';
import type { ShopParts } from '../shopParts.js';
import type { BrokerParts } from './brokerParts.js';

/** A VM that a shop, or a broker, wants to be made. */
export interface Wanted {
  readonly vmid: string;
  readonly order: Order;
  readonly keepFailed: boolean;
  /** See ProduceRequest. */
  readonly claimWithinSeconds: number;
}

/**
 * Has a VM made where a place is held for it, or goes on with the one that there is, or else begins with what was bid
 * for the order, or with an auction. Turns to the next offer when a plant gives the order back or is lost.
 */
export async function produceForOthers(
  broker: BrokerParts,
  parts: ShopParts,
  wanted: Wanted,
  say: (event: CreateEvent) => void,
): Promise<Made> {
  const { vmid, order } = wanted;
  const plants = parts.links.all();
  // Who does not claim gets what nobody else can take away: the broker claims it. It could not turn to another else.
  const hands = wanted.claimWithinSeconds === 0 ? handsOf(parts, vmid) : undefined;
  const making: Making = {
    ...wanted,
    claimWithinSeconds: wanted.claimWithinSeconds || parts.limits.claimSeconds,
    machine: orderToMachineRequest(order),
    standing: broker.standing.of(order.digest, plants),
  };
  const held = broker.places.get(vmid);
  const at = plants.find(({ address }) => address === held);
  if (at !== undefined) return produceWithFallbacks(parts, { ...making, at }, say, hands);
  const holder = await findHolder(parts, vmid);
  if (holder === undefined) return produceWithFallbacks(parts, making, say, hands);
  // What is its client's already is not made elsewhere, whatever becomes of its plant.
  if (isClaimed(holder.vm)) return joinAt(parts, making, holder.plant, say);
  return produceWithFallbacks(parts, { ...making, at: holder.plant }, say, hands);
}

/**
 * The plant that has this VM, or makes it. Undefined when every plant said that it does not. UNAVAILABLE when one that
 * may have it does not answer, or may not be known: a second VM would be worse than none.
 */
async function findHolder(parts: ShopParts, vmid: string): Promise<Located | undefined> {
  try {
    const options = { timeoutMilliseconds: parts.limits.askMilliseconds, signal: parts.stopping };
    return await locateForGood(parts.links, parts.hints, vmid, options);
  } catch (thrown) {
    if (thrown instanceof VmplantsError && thrown.code === 'NOT_FOUND') return undefined;
    throw thrown;
  }
}

async function joinAt(
  parts: ShopParts,
  making: Making,
  plant: PlantClient,
  say: (event: CreateEvent) => void,
): Promise<Made> {
  const production = await produceAt(parts, making, plant, say);
  if (production.kind !== 'produced') throw production.error;
  return { vm: production.vm, plant };
}

function handsOf(parts: ShopParts, vmid: string): Hands {
  return {
    take: async ({ plant }) => {
      const claimed = await claimOn(plant, vmid, parts, parts.stopping);
      return claimed.kind === 'claimed' ? { vm: claimed.vm, plant } : claimed;
    },
    kept: async (plant) => {
      try {
        await claimOn(plant, vmid, parts, parts.stopping);
      } catch (thrown) {
        // Who asked is to know why its VM failed; that it was not kept is in the log.
        const { code, reason } = asVmplantsError(thrown);
        parts.logger.warn({ vmid, code, reason }, 'a VM that failed could not be kept');
      }
    },
  };
}
