import type { NetworkKind } from '../../model/goldenImage.js';
import type { Rung } from '../../model/plan.js';
import type { ProcessIdentity } from '../line/line.js';

/** Where machines are prepared: clones of one image on one line, for orders of one size and network. */
export interface PreparePoint {
  readonly image: string;
  readonly line: string;
  /** `warm`: they are resumed and wait. `disk`: they are booted and wait. */
  readonly rung: Rung;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly network: NetworkKind;
}

/**
 * A machine that was resumed or booted ahead of any order and waits: the durable record of it. It belongs to nobody, has no
 * VMID, and is handed out by turning it into a VM's record in one write.
 */
export interface PreparedMachine extends PreparePoint {
  /** `prepared-` and 26 characters a-z, 2-7; also the name of its clone's directory and of its machine. */
  readonly id: string;
  /** `making`: a crash now leaves something to remove. `waiting`: it can be handed out. */
  readonly state: 'making' | 'waiting';
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Absolute directory of its clone. */
  readonly directory: string;
  readonly process?: ProcessIdentity;
  /** Addresses of its interfaces, which the VM that it becomes keeps. */
  readonly macs: readonly string[];
}

/** What is known of a point now. */
export interface PreparedCount extends PreparePoint {
  readonly waiting: number;
  readonly wanted: number;
  /** VMs of this image, line, rung and size that are in use. */
  readonly inUse: number;
}
