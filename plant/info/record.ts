import type { PerformedAction } from '../../model/goldenImage.js';
import type { Vm } from '../../model/vm.js';
import type { ProcessIdentity } from '../line/line.js';

/**
 * One record of the VM Information System (VMPlants paper, section 3.2): what the client may know of the VM, and
 * what the plant needs to find, adopt or remove it after a restart. The request itself is not in it: it may hold
 * secrets, and a production that a crash interrupted is rolled back, never resumed.
 */
export interface VmRecord {
  readonly vm: Vm;
  /** Absolute directory of its clone. */
  readonly directory: string;
  /** The monitor process, once started; absent on a line without processes. */
  readonly process?: ProcessIdentity;
  /** Number of the host-only network that it is on, from 0; absent without one. */
  readonly network?: number;
  /** Interfaces of the clone, first the one of its network. Addresses as the guest has them. */
  readonly macs: readonly string[];
  /** Whether it takes memory and a network of this plant. False once its monitor has ended. */
  readonly holds: boolean;
  /** What ran in it, once it was handed out: what publishing it needs to know. */
  readonly history?: VmHistory;
}

/** What ran in a VM, by names and keys alone. */
export interface VmHistory {
  /** The actions that can be in an image, in the order in which they ran, its image's first. */
  readonly performed: readonly PerformedAction[];
  /** Names of the others that ran: identity actions, those after one, and those that ended only through a handler. */
  readonly perVm: readonly string[];
}

/** A step of a production or its undo, as the step log keeps it, written before it is begun. */
export interface StepEntry {
  readonly vmid: string;
  readonly step: string;
  readonly direction: 'do' | 'undo';
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Measured duration of an action that ran, for learning which images would pay. */
export interface ActionDuration {
  readonly key: string;
  readonly seconds: number;
  /** Whether it ended with status 0. */
  readonly ok: boolean;
}

/** A change of a VM, as listeners get it. */
export type VmChange =
  | { readonly kind: 'changed'; readonly vm: Vm }
  | { readonly kind: 'gone'; readonly vmid: string };

/** A record that could not be believed when the store was opened. It is kept aside for a person to look at. */
export interface QuarantinedRecord {
  readonly vmid: string;
  readonly reason: string;
}
