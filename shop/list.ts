import type { Vm } from '../model/vm.js';
import type { ListResponse } from '../proto/gen/vmplants/v1/ListResponse.js';
import { vmFromMessage, vmToMessage } from '../proto/mapping/vm.js';
import { askAll } from './askAll.js';
import type { ShopParts } from './shopParts.js';

/** All VMs of all plants that answer, oldest first, and the addresses of the plants that do not. */
export async function listVms(
  parts: ShopParts,
  clientDomain: string,
  signal: AbortSignal,
): Promise<ListResponse> {
  const answers = await askAll(
    parts.links.all(),
    { timeoutMilliseconds: parts.limits.askMilliseconds, signal },
    async (plant, call) => (await plant.list({ clientDomain }, call)).vms.map(vmFromMessage),
  );
  const vms = answers.flatMap((answer) => (answer.kind === 'answer' ? answer.value : []));
  return {
    vms: [...vms].sort(byAge).map(vmToMessage),
    unreachable: answers.flatMap((answer) => (answer.kind === 'error' ? [answer.plant.address] : [])),
  };
}

function byAge(a: Vm, b: Vm): number {
  return a.createdAt - b.createdAt || (a.vmid < b.vmid ? -1 : 1);
}
