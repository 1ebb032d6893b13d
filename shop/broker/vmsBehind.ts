import type { Vm__Output } from '../../proto/gen/vmplants/v1/Vm.js';

/** What is to be told of one VM: what it is now, or that it is gone. */
export type News = { readonly vmid: string; readonly vm: Vm__Output | undefined };

/**
 * The VMs of all plants behind a broker, from what each plant tells of its own. Two plants may tell of one VMID: a plant
 * that is reached in two ways does, and one that was given up keeps what it made for a while. A VM is gone when nobody
 * has it any more; a plant that cannot be reached still has its VMs.
 */
export interface VmsBehind {
  /** The plant begins to tell of all its VMs again. */
  listing(plant: string): void;
  /** It has told of all: what it had before and did not tell of is gone. */
  listed(plant: string): readonly News[];
  changed(plant: string, vm: Vm__Output): News;
  gone(plant: string, vmid: string): News;
}

export function createVmsBehind(): VmsBehind {
  const tellers = new Map<string, Map<string, Vm__Output>>();
  /** Per plant, VMIDs that it has not told of since it began again. */
  const untold = new Map<string, Set<string>>();
  const shown = (vmid: string): News => ({ vmid, vm: preferred([...(tellers.get(vmid)?.values() ?? [])]) });
  const gone = (plant: string, vmid: string): News => {
    const told = tellers.get(vmid);
    told?.delete(plant);
    if (told?.size === 0) tellers.delete(vmid);
    return shown(vmid);
  };
  return {
    listing: (plant) => {
      const had = [...tellers].flatMap(([vmid, told]) => (told.has(plant) ? [vmid] : []));
      untold.set(plant, new Set(had));
    },
    listed: (plant) => {
      const missing = [...(untold.get(plant) ?? [])];
      untold.delete(plant);
      return missing.map((vmid) => gone(plant, vmid));
    },
    changed: (plant, vm) => {
      const { vmid } = vm;
      untold.get(plant)?.delete(vmid);
      const told = tellers.get(vmid) ?? new Map<string, Vm__Output>();
      told.set(plant, vm);
      tellers.set(vmid, told);
      return shown(vmid);
    },
    gone: (plant, vmid) => {
      untold.get(plant)?.delete(vmid);
      return gone(plant, vmid);
    },
  };
}

/** The client's one, where a plant still has what it made in vain; of equals the one that was told of first. */
function preferred(vms: readonly Vm__Output[]): Vm__Output | undefined {
  return vms.reduce<Vm__Output | undefined>(
    (best, vm) => (best === undefined || rank(vm) > rank(best) ? vm : best),
    undefined,
  );
}

/** As `copyRank`, of a message that may be of a plant of another version. */
function rank({ state, unclaimed }: Vm__Output): number {
  if (state === 'VM_STATE_COLLECTING') return 0;
  if (state === 'VM_STATE_PRODUCING') return 2;
  return unclaimed ? 1 : 3;
}
