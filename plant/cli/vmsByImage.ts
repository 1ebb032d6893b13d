import type { VmRecord } from '../info/record.js';

/** VMIDs of the VMs that were cloned from each golden image, by the image's name. */
export function vmsByImage(records: readonly VmRecord[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const { vm } of records) found.set(vm.image, [...(found.get(vm.image) ?? []), vm.vmid]);
  return found;
}
