import type { Hardware } from './hardware.js';

/**
 * The descriptor of a golden image: a published machine state, and in order the actions that ran in it
 * (VMPlants paper, sections 3.2 and 4.1). It is `image.json` in the image's directory, written last.
 */
export interface GoldenImage {
  /** Version of this descriptor's shape. */
  readonly format: 'vmplants-golden-image/1';
  /** Name of its directory in the warehouse. */
  readonly name: string;
  /** RFC 3339, when it was frozen. */
  readonly created: string;
  readonly operatingSystem: { readonly name: string; readonly version: string };
  /** The hardware it was made on. `diskMiB` is the virtual size of its disk. */
  readonly hardware: Hardware;
  /** In the order in which they ran. */
  readonly performed: readonly PerformedAction[];
  /** Production lines whose machines can be made from it. */
  readonly lines: readonly string[];
  readonly disk: DiskState;
  /** Absent: the image can only be booted. */
  readonly memory?: MemoryState;
  readonly boot: BootSource;
  /** Virtual devices that host actions added while it was made; a clone gets them again. */
  readonly devices: readonly AddedDevice[];
  /** Seconds that a boot of its disk took when it was made. */
  readonly bootSeconds: number;
  /** Every file of the image but the descriptor itself. */
  readonly files: readonly ImageFile[];
  /** How it came to be. Absent: an installer put it there. */
  readonly origin?: ImageOrigin;
  /** Id of the plant that made it of its own accord (`learned`, `rewarmed`). Absent: people, or a plant without an id. */
  readonly madeBy?: string;
  /** Name of the image that it was made from. Not what its disk hangs on: that is `disk.backingImage`. */
  readonly parent?: string;
  /** The client domain that it belongs to. Absent: every domain may use it, memory included. */
  readonly owner?: string;
  /** What was decided about it since; not part of `image.json`, which never changes, but of `policy.json` beside it. */
  readonly policy?: ImagePolicy;
}

/**
 * `recipe`: published from the request of a VM, produced afresh. `live`: frozen from a VM that its user had changed.
 * `learned`: baked by a plant from what it was asked for; only that plant evicts it. `rewarmed`: made by a plant from
 * the disk of an image whose memory does not fit this host; goes when that image goes.
 */
export type ImageOrigin = 'recipe' | 'live' | 'learned' | 'rewarmed';

/** What the owner of an image has decided about it, and may change. */
export interface ImagePolicy {
  /**
   * What other client domains may use. `disk`: they boot its disk. `memory`: they also resume its memory, and then
   * share its pages with the owner's VMs, which lets either side measure what the other has touched.
   */
  readonly shared: SharedWithDomains;
  /** Never evicted. */
  readonly pinned: boolean;
}

export type SharedWithDomains = 'no' | 'disk' | 'memory';

export interface PerformedAction {
  /** Key of the action, see `Action.key`. */
  readonly key: string;
  /** What the client called it; for people only. */
  readonly name: string;
  /** Measured duration. */
  readonly seconds: number;
  /** RFC 3339, when it ended. */
  readonly performedAt: string;
  /** True for a change made by hand and published live: nobody can perform it again, an image brings it or not. */
  readonly opaque?: true;
}

export interface DiskState {
  /** Name of the file in the image's directory. An image's directory is flat: no file of it is in a subdirectory. */
  readonly file: string;
  readonly format: 'qcow2';
  /** Name of the golden image whose disk is the backing file, if any. Images are siblings over one base: depth 1. */
  readonly backingImage?: string;
  /** SHA-256 of that image's disk when this one was published, so that no other disk can take its place. */
  readonly backingDigest?: string;
}

/** A frozen memory, and everything that has to be exactly the same for it to be resumed. */
export interface MemoryState {
  readonly file: string;
  readonly deviceStateFile: string;
  readonly memoryMiB: number;
  readonly vcpus: number;
  readonly cpuModel: string;
  readonly accelerator: string;
  /** For example `QEMU 7.2.22`. */
  readonly vmm: string;
  /** `uname -r` of the frozen guest. */
  readonly guestKernel: string;
  /** Whether a network interface is part of the frozen machine. */
  readonly network: NetworkKind;
}

export type NetworkKind = 'host-only' | 'none';

/** How its disk is booted: kernel and initial RAM disk are given from outside. */
export interface BootSource {
  readonly kernel: string;
  readonly initrd: string;
  readonly commandLine: string;
  readonly guestKernel: string;
}

export type AddedDevice =
  | { readonly kind: 'disk'; readonly action: string; readonly file: string; readonly sizeMiB: number }
  | { readonly kind: 'network-interface'; readonly action: string }
  | { readonly kind: 'iso'; readonly action: string; readonly file: string };

export interface ImageFile {
  readonly path: string;
  readonly bytes: number;
  /** Lower-case hexadecimal SHA-256. */
  readonly digest: string;
}

/** A golden image and where its files are. */
export interface LocatedImage {
  readonly descriptor: GoldenImage;
  /** Absolute directory of the image. */
  readonly directory: string;
  /** Absolute directory of the image that backs its disk, where the descriptor names one. */
  readonly backingDirectory?: string;
}
