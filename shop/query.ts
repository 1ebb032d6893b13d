import type { QueryRequest__Output } from '../proto/gen/vmplants/v1/QueryRequest.js';
import type { Vm } from '../proto/gen/vmplants/v1/Vm.js';
import { vmToMessage } from '../proto/mapping/vm.js';
import { locate } from './locate.js';
import type { ShopParts } from './shopParts.js';
import { checkVmid } from './vmid.js';

/**
 * One VM by its VMID, as its plant knows it, or as a plant knew it at most so long ago where the client is content with
 * that. Errors as in `locate`.
 */
export async function queryVm(
  parts: ShopParts,
  { vmid, maxAgeMilliseconds }: QueryRequest__Output,
  signal: AbortSignal,
): Promise<Vm> {
  checkVmid(vmid);
  const cached = maxAgeMilliseconds === 0 ? undefined : parts.classads.vm(vmid, maxAgeMilliseconds);
  if (cached !== undefined) return vmToMessage(cached);
  const asked = parts.classads.moment();
  const { vm, plant } = await locate(parts.links, parts.hints, vmid, {
    timeoutMilliseconds: parts.limits.askMilliseconds,
    signal,
  });
  parts.classads.note(plant.address, vm, asked);
  return vmToMessage(vm);
}
