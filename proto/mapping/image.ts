import type { GoldenImage } from '../../model/goldenImage.js';
import type { PlannedAction } from '../../model/plan.js';
import type { Image__Output, Image as ImageMessage } from '../gen/vmplants/v1/Image.js';
import { plannedFromMessage } from './plan.js';

/** What clients see of a golden image. */
export interface ImageSummary {
  readonly plant: string;
  readonly name: string;
  readonly operatingSystem: string;
  readonly version: string;
  readonly memoryMiB: number;
  readonly vcpus: number;
  readonly diskMiB: number;
  /** Whether a frozen memory belongs to it. */
  readonly warm: boolean;
  /** The actions performed in it, in the order in which they ran. */
  readonly performed: readonly PlannedAction[];
  /** Of its files on disk. */
  readonly bytes: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly lines: readonly string[];
}

export function imageToMessage(image: GoldenImage, plant: string): ImageMessage {
  return {
    plant,
    name: image.name,
    operatingSystem: image.operatingSystem.name,
    version: image.operatingSystem.version,
    memoryMib: image.hardware.memoryMiB,
    vcpus: image.hardware.vcpus,
    diskMib: image.hardware.diskMiB,
    warm: image.memory !== undefined,
    performed: image.performed.map(({ name, key }) => ({ name, key })),
    bytes: String(image.files.reduce((sum, file) => sum + file.bytes, 0)),
    createdAt: String(Date.parse(image.created)),
    lines: [...image.lines],
  };
}

export function imageFromMessage(message: Image__Output): ImageSummary {
  return {
    plant: message.plant,
    name: message.name,
    operatingSystem: message.operatingSystem,
    version: message.version,
    memoryMiB: message.memoryMib,
    vcpus: message.vcpus,
    diskMiB: message.diskMib,
    warm: message.warm,
    performed: message.performed.map(plannedFromMessage),
    bytes: Number(message.bytes),
    createdAt: Number(message.createdAt),
    lines: message.lines,
  };
}
