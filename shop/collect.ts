import type { CollectResponse } from '../proto/gen/vmplants/v1/CollectResponse.js';
import { locate } from './locate.js';
import type { ShopParts } from './shopParts.js';
import { checkVmid } from './vmid.js';

/** Has the plant that holds a VM end and remove it. Errors as in `locate`, and what the plant answers. */
export async function collectVm(
  parts: ShopParts,
  vmid: string,
  signal: AbortSignal,
): Promise<CollectResponse> {
  const { plant } = await locate(parts.links.all(), parts.hints, checkVmid(vmid), {
    timeoutMilliseconds: parts.limits.askMilliseconds,
    signal,
  });
  const { collected } = await plant.collect(
    { vmid },
    { timeoutMilliseconds: parts.limits.collectMilliseconds, signal },
  );
  parts.hints.forget(vmid);
  parts.classads.forget(vmid);
  return { vmid, collected };
}
