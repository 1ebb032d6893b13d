import type { LineEnvironment } from '../../model/lineEnvironment.js';
import type {
  PlantDescription as DescriptionMessage,
  PlantDescription__Output,
} from '../gen/vmplants/v1/PlantDescription.js';

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
  /** Why it did not answer (in a shop's words); absent when it did. */
  readonly error?: string;
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
    ...(message.error === '' ? {} : { error: message.error }),
  };
}
