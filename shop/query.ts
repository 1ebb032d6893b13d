import type { Vm } from '../proto/gen/vmplants/v1/Vm.js';
import { vmToMessage } from '../proto/mapping/vm.js';
import { locate } from './locate.js';
import type { ShopParts } from './shopParts.js';
import { checkVmid } from './vmid.js';

/** One VM by its VMID, as its plant knows it. Errors as in `locate`. */
export async function queryVm(parts: ShopParts, vmid: string, signal: AbortSignal): Promise<Vm> {
  const { vm } = await locate(parts.links.all(), parts.hints, checkVmid(vmid), {
    timeoutMilliseconds: parts.limits.askMilliseconds,
    signal,
  });
  return vmToMessage(vm);
}
