import type { Machine } from './line/line.js';
import { untilAborted } from './untilAborted.js';

/** A machine of this plant that runs, as far as anyone knows. */
export interface LiveMachine {
  /** Of the VM. The machine itself has another name where it was prepared ahead. */
  readonly vmid: string;
  readonly machine: Machine;
  readonly line: string;
  /**
   * Waits until nothing else of the plant talks to the guest: one session at a time on a channel. What it gives ends
   * the turn. Rejects with the signal's reason when that is aborted first.
   */
  readonly guestTurn: (signal: AbortSignal) => Promise<() => void>;
}

/** The machines that this process holds, by VMID. Records outlive them; see the information system. */
export interface Machines {
  /** @param vmid of its VM, where the machine has another name */
  readonly add: (machine: Machine, line: string, vmid?: string) => LiveMachine;
  readonly get: (vmid: string) => LiveMachine | undefined;
  readonly remove: (vmid: string) => void;
  readonly all: () => readonly LiveMachine[];
}

export function createMachines(): Machines {
  const machines = new Map<string, LiveMachine>();
  return {
    add: (machine, line, vmid = machine.vmid) => {
      const live = { vmid, machine, line, guestTurn: createTurns() };
      machines.set(vmid, live);
      return live;
    },
    get: (vmid) => machines.get(vmid),
    remove: (vmid) => {
      machines.delete(vmid);
    },
    all: () => [...machines.values()],
  };
}

function createTurns(): LiveMachine['guestTurn'] {
  let last: Promise<void> = Promise.resolve();
  return async (signal) => {
    const before = last;
    let leave: () => void = () => undefined;
    const over = new Promise<void>((resolve) => {
      leave = resolve;
    });
    last = before.then(() => over);
    try {
      await untilAborted(before, signal);
      return leave;
    } catch (error) {
      leave();
      throw error;
    }
  };
}
