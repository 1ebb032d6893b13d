import type { Vm } from '../model/vm.js';
import { bestCopy } from './copyRank.js';

/**
 * What plants said of their VMs, and when: for whoever would rather have an answer of some seconds ago than wait for
 * the plants (VMPlants paper, section 3.1: the shop may keep classads). Nothing is decided by it, and whoever has lost
 * it only asks again. Bounded: what was said first is forgotten first, and with it what the plant's list was.
 */
export interface ClassadCache {
  /** For `note` and `noteList`: what was forgotten since then is not remembered again. */
  moment(): Moment;
  /** The plant at the address spoke of this VM, asked then; without a moment just now. */
  note(address: string, vm: Vm, asked?: Moment): void;
  /** The plant listed these, and no others; of one client domain, or of all where it is empty. */
  noteList(address: string, clientDomain: string, vms: readonly Vm[], asked?: Moment): void;
  /** The VM is gone, or another plant has it. */
  forget(vmid: string): void;
  /** The VM with its age, if some plant spoke of it within this time; of plants that did, the copy with the highest rank. */
  vm(vmid: string, maxAgeMilliseconds: number): Vm | undefined;
  /** All VMs of a plant, each with its age, if it listed them within this time. */
  list(address: string, clientDomain: string, maxAgeMilliseconds: number): readonly Vm[] | undefined;
}

/** How many VMs had been forgotten. */
export type Moment = number;

interface Said {
  readonly vm: Vm;
  /** By the clock of the cache. */
  readonly at: number;
}

/** @param now milliseconds of a clock that never jumps */
export function boundedClassadCache(capacity: number, now: () => number): ClassadCache {
  // Oldest first.
  const said = new Map<string, Said & { readonly address: string }>();
  const plants = new Map<string, { readonly vmids: Set<string>; readonly listedAt: Map<string, number> }>();
  const addresses = new Map<string, Set<string>>();

  // The last forgotten last.
  const forgotten = new Map<string, { readonly moment: Moment; readonly at: number }>();
  let forgets: Moment = 0;

  const plantAt = (address: string) => {
    const known = plants.get(address) ?? { vmids: new Set(), listedAt: new Map() };
    plants.set(address, known);
    return known;
  };
  const drop = (address: string, vmid: string): void => {
    said.delete(keyOf(address, vmid));
    plants.get(address)?.vmids.delete(vmid);
    const at = addresses.get(vmid);
    at?.delete(address);
    if (at?.size === 0) addresses.delete(vmid);
  };
  const keep = (address: string, vm: Vm, at: number): void => {
    const { vmid } = vm;
    const key = keyOf(address, vmid);
    said.delete(key);
    said.set(key, { address, vm, at });
    plantAt(address).vmids.add(vmid);
    addresses.set(vmid, (addresses.get(vmid) ?? new Set()).add(address));
    for (const oldest of said.values()) {
      if (said.size <= capacity) break;
      drop(oldest.address, oldest.vm.vmid);
      // What is listed of the plant is not all any more.
      plants.get(oldest.address)?.listedAt.clear();
    }
  };
  // What a broker, or another shop's memory, said already had an age.
  const saidAt = (vm: Vm): number => now() - (vm.ageMilliseconds ?? 0);
  /** It is gone since the plant was asked, or since the plant's own memory is of it. */
  const isOutdated = (vm: Vm, asked: Moment): boolean => {
    const gone = forgotten.get(vm.vmid);
    return gone !== undefined && (asked < gone.moment || saidAt(vm) < gone.at);
  };
  const aged = ({ vm, at }: Said): Vm => {
    const age = Math.max(1, Math.round(now() - at));
    return { ...vm, ageMilliseconds: age, classad: { ...vm.classad, CachedSeconds: age / 1000 } };
  };
  const young = ({ at }: Said, maxAge: number): boolean => now() - at <= maxAge;

  return {
    moment: () => forgets,
    note: (address, vm, asked = forgets) => {
      if (!isOutdated(vm, asked)) keep(address, vm, saidAt(vm));
    },
    noteList: (address, clientDomain, vms, asked = forgets) => {
      const plant = plantAt(address);
      const listed = new Set(vms.map(({ vmid }) => vmid));
      for (const vmid of [...plant.vmids]) {
        const vm = said.get(keyOf(address, vmid))?.vm;
        if (vm !== undefined && isOf(vm, clientDomain) && !listed.has(vmid)) drop(address, vmid);
      }
      const at = vms.reduce((oldest, vm) => Math.min(oldest, saidAt(vm)), now());
      plant.listedAt.set(clientDomain, at);
      for (const vm of vms) if (!isOutdated(vm, asked)) keep(address, vm, saidAt(vm));
    },
    forget: (vmid) => {
      forgets += 1;
      forgotten.delete(vmid);
      forgotten.set(vmid, { moment: forgets, at: now() });
      for (const [oldest] of forgotten) {
        if (forgotten.size <= capacity) break;
        forgotten.delete(oldest);
      }
      for (const address of [...(addresses.get(vmid) ?? [])]) drop(address, vmid);
    },
    vm: (vmid, maxAge) => {
      const found = [...(addresses.get(vmid) ?? [])].flatMap((address) => {
        const one = said.get(keyOf(address, vmid));
        return one !== undefined && young(one, maxAge) ? [one] : [];
      });
      const best = bestCopy(found, ({ vm }) => vm);
      return best === undefined ? undefined : aged(best);
    },
    list: (address, clientDomain, maxAge) => {
      const plant = plants.get(address);
      const at = Math.max(
        plant?.listedAt.get('') ?? Number.NEGATIVE_INFINITY,
        plant?.listedAt.get(clientDomain) ?? Number.NEGATIVE_INFINITY,
      );
      if (plant === undefined || now() - at > maxAge) return undefined;
      return [...plant.vmids].flatMap((vmid) => {
        const one = said.get(keyOf(address, vmid));
        return one !== undefined && isOf(one.vm, clientDomain) ? [aged(one)] : [];
      });
    },
  };
}

function isOf(vm: Vm, clientDomain: string): boolean {
  return clientDomain === '' || vm.clientDomain === clientDomain;
}

function keyOf(address: string, vmid: string): string {
  return `${vmid} ${address}`;
}
