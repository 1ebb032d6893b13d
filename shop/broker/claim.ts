import type { Vm } from '../../proto/gen/vmplants/v1/Vm.js';
import type { CallContext } from '../../proto/handler.js';
import type { PlantClient } from '../../proto/plantClient.js';
import { locate } from '../locate.js';
import type { ShopParts } from '../shopParts.js';
import { checkVmid } from '../vmid.js';
import { type BrokerParts, shopOf } from './brokerParts.js';

/** Has the plant that made a VM hand it over: the one that was followed while it did, else whichever says it has it. */
export async function claimForOthers(broker: BrokerParts, vmid: string, context: CallContext): Promise<Vm> {
  const parts = shopOf(broker, context);
  const plant = await holderOf(parts, checkVmid(vmid), context.signal);
  const vm = await plant.claim({ vmid }, asking(parts, context.signal));
  parts.hints.set(vmid, plant.address);
  return vm;
}

async function holderOf(parts: ShopParts, vmid: string, signal: AbortSignal): Promise<PlantClient> {
  const hinted = parts.links.all().find(({ address }) => address === parts.hints.get(vmid));
  // Asking all could find one that was given up, and has made the same VM in vain.
  return hinted ?? (await locate(parts.links, parts.hints, vmid, asking(parts, signal))).plant;
}

function asking(parts: ShopParts, signal: AbortSignal) {
  return { timeoutMilliseconds: parts.limits.askMilliseconds, signal };
}
