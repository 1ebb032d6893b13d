import type { LineEnvironment } from '../../model/lineEnvironment.js';
import type {
  PlantDescription as DescriptionMessage,
  PlantDescription__Output,
} from '../gen/vmplants/v1/PlantDescription.js';
import type { Quote__Output } from '../gen/vmplants/v1/Quote.js';

/** What a plant is and how loaded it is. */
export interface PlantDescription {
  readonly name: string;
  /** Where the shop reaches it; empty in a plant's own words. */
  readonly address: string;
  readonly vms: number;
  readonly maxVms: number;
  readonly usedMemoryMiB: number;
  readonly totalMemoryMiB: number;
  /** Machines prepared ahead, and their memory, which is not in `usedMemoryMiB`: they make room when needed. */
  readonly prepared: number;
  readonly preparedMemoryMiB: number;
  readonly networksInUse: number;
  readonly networks: number;
  readonly images: number;
  readonly lines: readonly LineDescription[];
  readonly version: string;
  /** Places held for VMs that are not there yet; they count as taken in the numbers above. */
  readonly reserved: number;
  /** What it would ask for a VM now; absent where it did not say. */
  readonly quote?: Quote;
  /** Of a broker: what is behind it, whose sums its numbers are. Absent: it is a plant. */
  readonly behind?: readonly PlantDescription[];
  /** Why it did not answer (in a shop's words); absent when it did. */
  readonly error?: string;
}

/** What a VM would cost now, as far as that does not depend on the order's work; only a bid counts. */
export interface Quote {
  /** Of a VM that needs no new host-only network. */
  readonly cost: number;
  /** On top of it for a client domain that has no host-only network there. */
  readonly networkCost: number;
}

export type LineDescription = Pick<LineEnvironment, 'accelerator' | 'vmm' | 'cpuModel'> & {
  readonly name: string;
};

export function plantDescriptionToMessage(description: PlantDescription): DescriptionMessage {
  return {
    name: description.name,
    address: description.address,
    vms: description.vms,
    maxVms: description.maxVms,
    usedMemoryMib: description.usedMemoryMiB,
    totalMemoryMib: description.totalMemoryMiB,
    prepared: description.prepared,
    preparedMemoryMib: description.preparedMemoryMiB,
    networksInUse: description.networksInUse,
    networks: description.networks,
    images: description.images,
    lines: description.lines.map(({ name, accelerator, vmm, cpuModel }) => ({
      name,
      accelerator,
      vmm,
      cpuModel,
    })),
    version: description.version,
    reserved: description.reserved,
    quote: description.quote ?? null,
    broker: description.behind !== undefined,
    behind: (description.behind ?? []).map(plantDescriptionToMessage),
    error: description.error ?? '',
  };
}

export function plantDescriptionFromMessage(message: PlantDescription__Output): PlantDescription {
  return {
    name: message.name,
    address: message.address,
    vms: message.vms,
    maxVms: message.maxVms,
    usedMemoryMiB: message.usedMemoryMib,
    totalMemoryMiB: message.totalMemoryMib,
    prepared: message.prepared,
    preparedMemoryMiB: message.preparedMemoryMib,
    networksInUse: message.networksInUse,
    networks: message.networks,
    images: message.images,
    lines: message.lines.map(({ name, accelerator, vmm, cpuModel }) => ({
      name,
      accelerator,
      vmm,
      cpuModel,
    })),
    version: message.version,
    reserved: message.reserved,
    ...(message.quote === null ? {} : { quote: quoteFromMessage(message.quote) }),
    ...(message.broker ? { behind: message.behind.map(plantDescriptionFromMessage) } : {}),
    ...(message.error === '' ? {} : { error: message.error }),
  };
}

function quoteFromMessage({ cost, networkCost }: Quote__Output): Quote {
  return { cost, networkCost };
}
