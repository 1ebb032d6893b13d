import type { Machine } from './line/line.js';

/** A machine of this plant that runs, as far as anyone knows. */
export interface LiveMachine {
  readonly machine: Machine;
  readonly line: string;
  /** Runs the work when nothing else of the plant talks to the guest: one session at a time on a channel. */
  readonly withGuest: <T>(work: () => Promise<T>) => Promise<T>;
}

/** The machines that this process holds, by VMID. Records outlive them; see the information system. */
export interface Machines {
  readonly add: (machine: Machine, line: string) => LiveMachine;
  readonly get: (vmid: string) => LiveMachine | undefined;
  readonly remove: (vmid: string) => void;
  readonly all: () => readonly LiveMachine[];
}

export function createMachines(): Machines {
  const machines = new Map<string, LiveMachine>();
  return {
    add: (machine, line) => {
      const live = { machine, line, withGuest: createTurns() };
      machines.set(machine.vmid, live);
      return live;
    },
    get: (vmid) => machines.get(vmid),
    remove: (vmid) => {
      machines.delete(vmid);
    },
    all: () => [...machines.values()],
  };
}

function createTurns(): LiveMachine['withGuest'] {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return turn;
  };
}
