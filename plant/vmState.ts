import type { Vm, VmState } from '../model/vm.js';

/** The parts of a VM that say its state; its classad says the same. */
export function inState(vm: Vm, state: VmState, reason?: string): Partial<Vm> {
  return {
    state,
    ...(reason === undefined ? {} : { reason }),
    classad: {
      ...vm.classad,
      State: state,
      ...(reason === undefined ? {} : { Reason: reason }),
    },
  };
}
