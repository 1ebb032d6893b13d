import type { Classad } from './classad.js';
import type { Rung } from './plan.js';

/** A VM as its plant knows it: one record of the VM Information System (VMPlants paper, section 3.2). */
export interface Vm {
  readonly vmid: string;
  readonly state: VmState;
  readonly plant: string;
  readonly clientDomain: string;
  readonly image: string;
  readonly rung: Rung;
  readonly line: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Why it failed, in state `failed`. */
  readonly reason?: string;
  readonly classad: Classad;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly hostname: string;
  readonly orderDigest: string;
  /**
   * Within so many seconds of being there it has to be claimed, or its plant removes it; 0 or absent once it is its
   * client's. In its plant's record only: whoever asks sees `unclaimed`, and a VM that runs as one that is being produced.
   */
  readonly claimWithinSeconds?: number;
  /** In what a plant shows: nobody has claimed it. Of several copies of one VM that several plants have, it is a lesser one. */
  readonly unclaimed?: true;
  /** How long ago its plant said this; absent when it was asked just now. */
  readonly ageMilliseconds?: number;
}

/**
 * `producing` -> `running` -> `collecting` -> gone. `failed`: its monitor ended, or its creation failed and it was
 * kept. `unresponsive`: the monitor runs but does not answer; it may become `running` again.
 */
export type VmState = 'producing' | 'running' | 'failed' | 'unresponsive' | 'collecting';
