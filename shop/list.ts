import type { Vm } from '../model/vm.js';
import type { CallOptions } from '../proto/channel.js';
import type { ListRequest__Output } from '../proto/gen/vmplants/v1/ListRequest.js';
import type { ListResponse } from '../proto/gen/vmplants/v1/ListResponse.js';
import { vmFromMessage, vmToMessage } from '../proto/mapping/vm.js';
import type { PlantClient } from '../proto/plantClient.js';
import { type Answer, askAll } from './askAll.js';
import { copyRank } from './copyRank.js';
import type { PlantLinks } from './plantLinks.js';
import type { ShopParts } from './shopParts.js';

/**
 * All VMs of all plants that answer, oldest first, and the addresses of the plants that do not, or are absent. A plant whose list is
 * young enough for the client is not asked. Of a VM that two plants have, because one was lost while it made it, only
 * the one with the higher rank is listed: the other goes by itself.
 */
export async function listVms(
  parts: ShopParts,
  { clientDomain, maxAgeMilliseconds }: ListRequest__Output,
  signal: AbortSignal,
): Promise<ListResponse> {
  const silentBehind: string[] = [];
  const ask = async (plant: PlantClient, call: CallOptions): Promise<readonly Vm[]> => {
    const { address } = plant;
    const cached =
      maxAgeMilliseconds === 0 ? undefined : parts.classads.list(address, clientDomain, maxAgeMilliseconds);
    if (cached !== undefined) return cached;
    const asked = parts.classads.moment();
    const listed = await plant.list({ clientDomain, maxAgeMilliseconds }, call);
    const vms = listed.vms.map(vmFromMessage);
    // Of a broker: what it could not ask. Its list is not all then.
    silentBehind.push(...listed.unreachable);
    if (listed.unreachable.length === 0) parts.classads.noteList(address, clientDomain, vms, asked);
    return vms;
  };
  const options = { timeoutMilliseconds: parts.limits.askMilliseconds, signal };
  const answers = await askAll(parts.links.all(), options, ask);
  const vms = answers.flatMap((answer) => (answer.kind === 'answer' ? answer.value : []));
  return {
    vms: [...withoutSpare(vms)].sort(byAge).map(vmToMessage),
    unreachable: [...new Set([...answers.flatMap(silent), ...silentBehind, ...unasked(parts.links)])],
  };
}

/** Who has VMs that are not listed, and is not known or cannot be asked. */
function unasked(links: Pick<PlantLinks, 'absent' | 'warning'>): readonly string[] {
  const outdated = links.warning();
  return [
    ...links.absent().map(({ address }) => address),
    ...(outdated === undefined ? [] : [`that is not known: ${outdated}`]),
  ];
}

function silent(answer: Answer<unknown>): readonly string[] {
  return answer.kind === 'error' && answer.error.reason !== 'BROKER_LOOP' ? [answer.plant.address] : [];
}

/** Without lesser copies of a VM, and without what came by two ways. */
function withoutSpare(vms: readonly Vm[]): readonly Vm[] {
  const highest = new Map<string, number>();
  for (const vm of vms) highest.set(vm.vmid, Math.max(highest.get(vm.vmid) ?? 0, copyRank(vm)));
  const seen = new Set<string>();
  return vms.filter((vm) => {
    if (copyRank(vm) < (highest.get(vm.vmid) ?? 0)) return false;
    const key = `${vm.vmid} ${vm.plant}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

function byAge(a: Vm, b: Vm): number {
  return a.createdAt - b.createdAt || (a.vmid < b.vmid ? -1 : 1);
}
