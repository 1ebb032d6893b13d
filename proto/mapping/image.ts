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
  /** `installed`, `recipe`, `live`, `learned` or `rewarmed`; of another version perhaps one that this one does not know. */
  readonly origin: string;
  /** Client domain that it belongs to; absent: everybody's. */
  readonly owner?: string;
  /** What other client domains may use of it: `no`, `disk` or `memory`. */
  readonly shared: string;
  /** Never evicted. */
  readonly pinned: boolean;
  /** Image that it was made from; absent for a base. */
  readonly parent?: string;
  /** Image whose disk its own is a copy-on-write sibling over; absent when its disk stands alone. */
  readonly backingImage?: string;
  /** Bytes on disk that removing it would free. */
  readonly uniqueBytes: number;
  /** Bytes on disk of the disk that it hangs on and shares with its siblings. */
  readonly sharedBytes: number;
  /** VMs that were made from it so far, and the seconds of work that it saved them. */
  readonly uses: number;
  readonly savedSeconds: number;
  /** VMs that live on it now, and machines that wait prepared. */
  readonly vms: number;
  readonly prepared: number;
  /** Why it is kept, for people. */
  readonly keptBecause: readonly string[];
}

/** What should be a golden image and cannot be used. */
export interface QuarantinedImage {
  readonly plant: string;
  readonly name: string;
  readonly problem: string;
}

/** What a plant knows of an image besides its descriptor. */
export type ImageStanding = Pick<
  ImageSummary,
  'uniqueBytes' | 'sharedBytes' | 'uses' | 'savedSeconds' | 'vms' | 'prepared' | 'keptBecause'
>;

/** An image that is usable; without its standing where only its descriptor is known, as right after publishing. */
export function imageToMessage(image: GoldenImage, plant: string, standing?: ImageStanding): ImageMessage {
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
    origin: image.origin ?? 'installed',
    owner: image.owner ?? '',
    shared: image.owner === undefined ? 'memory' : (image.policy?.shared ?? 'no'),
    pinned: image.policy?.pinned ?? false,
    parent: image.parent ?? '',
    backingImage: image.disk.backingImage ?? '',
    ...(standing === undefined ? {} : standingToMessage(standing)),
  };
}

export function quarantinedToMessage({ plant, name, problem }: QuarantinedImage): ImageMessage {
  // An empty text would say that it can be used.
  return { plant, name, problem: problem === '' ? 'unknown' : problem };
}

/** Images that can be used, and what should be one and cannot. */
export interface ImagesRead {
  readonly images: readonly ImageSummary[];
  readonly quarantined: readonly QuarantinedImage[];
}

export function imagesFromMessages(messages: readonly Image__Output[]): ImagesRead {
  return {
    images: messages.filter(({ problem }) => problem === '').map(imageFromMessage),
    quarantined: messages
      .filter(({ problem }) => problem !== '')
      .map(({ plant, name, problem }) => ({ plant, name, problem })),
  };
}

/** Of an image that can be used. */
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
    origin: message.origin === '' ? 'installed' : message.origin,
    ...(message.owner === '' ? {} : { owner: message.owner }),
    shared: message.shared === '' ? 'memory' : message.shared,
    pinned: message.pinned,
    ...(message.parent === '' ? {} : { parent: message.parent }),
    ...(message.backingImage === '' ? {} : { backingImage: message.backingImage }),
    uniqueBytes: Number(message.uniqueBytes),
    sharedBytes: Number(message.sharedBytes),
    uses: message.uses,
    savedSeconds: message.savedSeconds,
    vms: message.vms,
    prepared: message.prepared,
    keptBecause: message.keptBecause,
  };
}

function standingToMessage(standing: ImageStanding): ImageMessage {
  return {
    uniqueBytes: String(standing.uniqueBytes),
    sharedBytes: String(standing.sharedBytes),
    uses: standing.uses,
    savedSeconds: standing.savedSeconds,
    vms: standing.vms,
    prepared: standing.prepared,
    keptBecause: [...standing.keptBecause],
  };
}
