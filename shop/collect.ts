import { asVmplantsError, VmplantsError } from '../model/errors.js';
import type { CallOptions } from '../proto/channel.js';
import type { CollectResponse } from '../proto/gen/vmplants/v1/CollectResponse.js';
import { vmFromMessage } from '../proto/mapping/vm.js';
import type { PlantClient } from '../proto/plantClient.js';
import { askAll } from './askAll.js';
import { isClaimed, isWhole, notLocated } from './locate.js';
import type { ShopParts } from './shopParts.js';
import { checkVmid } from './vmid.js';

/**
 * Has every plant that holds a copy of a VM end and remove it. Errors as in `locate`, and what a plant answers; also
 * where only copies that nobody had claimed were ended, and a plant that is silent may have the client's own.
 */
export async function collectVm(
  parts: ShopParts,
  vmid: string,
  signal: AbortSignal,
): Promise<CollectResponse> {
  checkVmid(vmid);
  const { hints, limits } = parts;
  const hint = hints.get(vmid);
  const endAt = async (plant: PlantClient, options: CallOptions) => {
    const vm = vmFromMessage(await plant.query({ vmid }, options));
    const ended = await plant
      .collect({ vmid }, { timeoutMilliseconds: limits.collectMilliseconds, signal })
      .then(({ collected }) => collected, asVmplantsError);
    // A hint is where it was followed last: nobody but the client has more of it.
    const isOwn = isClaimed(vm) || (vm.state === 'producing' && plant.address === hint);
    return { isOwn, ended };
  };
  const options = { timeoutMilliseconds: limits.askMilliseconds, signal };
  const answers = await askAll(parts.links.all(), options, endAt);
  hints.forget(vmid);
  parts.classads.forget(vmid);
  const copies = answers.flatMap((answer) => (answer.kind === 'answer' ? [answer.value] : []));
  const ended = copies.flatMap((copy) => (copy.ended instanceof VmplantsError ? [] : [copy.ended]));
  const errors = copies.flatMap((copy) => (copy.ended instanceof VmplantsError ? [copy.ended] : []));
  // One that went by itself meanwhile is gone as well.
  const failure =
    errors.find(({ code }) => code !== 'NOT_FOUND') ?? (ended.length === 0 ? errors[0] : undefined);
  if (failure !== undefined) throw failure;
  const isSure = copies.some(({ isOwn }) => isOwn) || isWhole(parts.links, answers);
  if (copies.length === 0 || !isSure) throw notLocated(parts.links, vmid, answers);
  return { vmid, collected: ended.includes(true) };
}
