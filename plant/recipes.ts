import type { Action } from '../model/action.js';
import type { LocatedImage } from '../model/goldenImage.js';
import type { Order } from '../model/order.js';
import { orderDigest } from '../model/orderDigest.js';
import { bakeableOrder } from './bake/bakeableOrder.js';
import { chainedDag } from './bake/chainedDag.js';
import type { InformationSystem } from './info/informationSystem.js';
import type { VmRecord } from './info/record.js';

/** What the plant's VMs were made from, as far as it can be said again. */
export interface Recipes {
  /** Remembers the order of a VM, without what belongs to that VM alone, for as long as there is the VM. */
  readonly note: (vmid: string, order: Order) => void;
  /**
   * The part of a VM's order that can be in an image: as it was noted, or after a restart put together from what ran in
   * the VM and from the work of actions that the history still has. Undefined when a part of it is not known any more.
   */
  readonly orderOf: (vmid: string) => Order | undefined;
  readonly close: () => void;
}

export function createRecipes(
  info: InformationSystem,
  image: (name: string) => LocatedImage | undefined,
): Recipes {
  const noted = new Map<string, Order>();
  const unsubscribe = info.subscribe((change) => {
    if (change.kind === 'gone') noted.delete(change.vmid);
  });
  return {
    note: (vmid, order) => {
      noted.set(vmid, bakeableOrder(order).order);
    },
    orderOf: (vmid) => {
      const known = noted.get(vmid);
      if (known !== undefined) return known;
      const record = info.get(vmid);
      return record === undefined ? undefined : rebuilt(record, image(record.vm.image), info.history.action);
    },
    close: () => {
      unsubscribe();
      noted.clear();
    },
  };
}

/** The actions that ran, one after the other: the order that they ran in is one that the request allowed. Pure. */
function rebuilt(
  record: VmRecord,
  image: LocatedImage | undefined,
  work: (key: string) => Action | undefined,
): Order | undefined {
  const { history, vm } = record;
  if (history === undefined || image === undefined) return undefined;
  const actions: Action[] = [];
  for (const { key, name, opaque } of history.performed) {
    const known = work(key);
    if (known === undefined || opaque === true) return undefined;
    actions.push({ ...known, name });
  }
  const dag = chainedDag(actions);
  if (dag === undefined) return undefined;
  const { hardware, operatingSystem } = image.descriptor;
  const order: Omit<Order, 'digest'> = {
    hardware: { ...hardware, vcpus: vm.vcpus, memoryMiB: vm.memoryMiB },
    operatingSystem,
    network: { kind: record.network === undefined ? 'none' : 'host-only' },
    dag,
    identity: new Map(),
    clientDomain: vm.clientDomain,
    line: vm.line,
  };
  return Object.freeze({ ...order, digest: orderDigest(order) });
}
