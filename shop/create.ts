import { asVmplantsError, VmplantsError } from '../model/errors.js';
import type { Order } from '../model/order.js';
import type { Vm } from '../model/vm.js';
import type { CreateEvent } from '../proto/gen/vmplants/v1/CreateEvent.js';
import { orderToMachineRequest } from '../proto/mapping/machineRequest.js';
import { vmToMessage } from '../proto/mapping/vm.js';
import type { PlantClient } from '../proto/plantClient.js';
import { claimOn } from './claim.js';
import { isClaimed, type Located, locateForGood } from './locate.js';
import {
  type Hands,
  type Made,
  type Making,
  produceAt,
  produceWithFallbacks,
} from './produceWithFallbacks.js';
import type { ShopParts } from './shopParts.js';

/** One VM that is to be made. */
export interface Creation {
  readonly vmid: string;
  readonly order: Order;
  readonly keepFailed: boolean;
  /** Whether the VMID comes from a request ID that may have been sent before: a plant may have this VM already. */
  readonly repeatable: boolean;
}

/**
 * Makes a VM: asks for bids, takes the cheapest, has that plant produce, claims the VM for the client, and turns to the
 * next bid when the plant cannot take the order after all or fails before the VM was claimed. Says what happens through
 * `say` and rejects with what the client is to know.
 */
export async function createVm(
  parts: ShopParts,
  creation: Creation,
  say: (event: CreateEvent) => void,
): Promise<void> {
  const { vmid, order, keepFailed } = creation;
  const making: Making = {
    vmid,
    order,
    machine: orderToMachineRequest(order),
    keepFailed,
    claimWithinSeconds: parts.limits.claimSeconds,
  };
  const holder = creation.repeatable ? await findHolder(parts, creation) : undefined;
  say({ accepted: { vmid } });
  const hands = handsOf(parts, creation);
  const asked = parts.classads.moment();
  // What is its client's already is not made elsewhere, whatever becomes of its plant.
  const made =
    holder !== undefined && isClaimed(holder.vm)
      ? await joinAt(parts, making, holder.plant, say, hands)
      : await produceWithFallbacks(
          parts,
          holder === undefined ? making : { ...making, at: holder.plant },
          say,
          hands,
        );
  if (made.vm.state !== 'running') throw notRunning(made.vm);
  parts.classads.note(made.plant.address, made.vm, asked);
  say({ vm: vmToMessage(made.vm) });
}

/**
 * The plant that has this VM already, because the request was made before. ALREADY_EXISTS when it was made with
 * another order. UNAVAILABLE when a plant that may have it does not answer, or may not be known: a second VM would be
 * worse than none.
 */
async function findHolder(parts: ShopParts, creation: Creation): Promise<Located | undefined> {
  try {
    const options = { timeoutMilliseconds: parts.limits.askMilliseconds, signal: parts.stopping };
    const located = await locateForGood(parts.links, parts.hints, creation.vmid, options);
    if (located.vm.orderDigest === creation.order.digest) return located;
    throw requestIdReused(creation.vmid);
  } catch (thrown) {
    if (thrown instanceof VmplantsError && thrown.code === 'NOT_FOUND') return undefined;
    throw thrown;
  }
}

/** The request ID was used before, for something else. */
export function requestIdReused(vmid: string): VmplantsError {
  return new VmplantsError(
    'ALREADY_EXISTS',
    `this request ID was used for another request, which made or makes ${vmid}`,
    {
      reason: 'REQUEST_ID_REUSED',
      hint: 'choose a new request ID for a new request',
    },
  );
}

async function joinAt(
  parts: ShopParts,
  making: Making,
  plant: PlantClient,
  say: (event: CreateEvent) => void,
  hands: Hands,
): Promise<Made> {
  const production = await produceAt(parts, making, plant, say);
  if (production.kind !== 'produced') throw production.error;
  const taken = await hands.take({ vm: production.vm, plant });
  if ('error' in taken) throw taken.error;
  return taken;
}

/** Claims what was made for its client. */
function handsOf(parts: ShopParts, creation: Creation): Hands {
  const { vmid } = creation;
  const kept = async (plant: PlantClient): Promise<void> => {
    try {
      await claimOn(plant, vmid, parts, parts.stopping);
    } catch (thrown) {
      // The client is to know why its VM failed; that it was not kept is in the log.
      const { code, reason } = asVmplantsError(thrown);
      parts.logger.warn({ vmid, code, reason }, 'a VM that failed could not be kept');
    }
  };
  return {
    take: async ({ vm, plant }) => {
      checkMade(vm, creation);
      if (vm.state !== 'running' && vm.state !== 'producing') {
        if (creation.keepFailed) await kept(plant);
        return { vm, plant };
      }
      const claimed = await claimOn(plant, vmid, parts, parts.stopping);
      if (claimed.kind === 'not-sent') return claimed;
      checkMade(claimed.vm, creation);
      return { vm: claimed.vm, plant };
    },
    kept,
  };
}

function checkMade(vm: Vm, { vmid, order }: Creation): void {
  if (vm.vmid === vmid && vm.orderDigest === order.digest) return;
  throw new VmplantsError('DATA_LOSS', `the plant answered for ${vmid} with another VM or order`, {
    reason: 'MALFORMED_ANSWER',
  });
}

/** What a repeated create finds when the VM of the first one is not, or not any more, what was asked for. */
function notRunning(vm: Vm): VmplantsError {
  const why = vm.reason === undefined ? '' : `: ${vm.reason}`;
  return new VmplantsError('FAILED_PRECONDITION', `${vm.vmid} exists and is ${vm.state}${why}`, {
    reason: 'VM_NOT_RUNNING',
    hint: 'collect it, then repeat the call',
  });
}
