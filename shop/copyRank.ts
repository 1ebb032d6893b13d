import type { Vm } from '../model/vm.js';

/**
 * Which of several plants' copies of one VM is the VM: the one with the highest rank. There are several where a plant
 * was lost while it made the VM and another made it then: the client's own comes before one that may still become its
 * own, then one that failed and that nobody claimed, then one that is being removed.
 */
export function copyRank({ state, unclaimed }: Pick<Vm, 'state' | 'unclaimed'>): number {
  if (state === 'collecting') return 0;
  if (state === 'producing') return 2;
  return unclaimed === true ? 1 : 3;
}

/** The copy with the highest rank; of equals the first. */
export function bestCopy<T>(copies: readonly T[], vmOf: (copy: T) => Vm): T | undefined {
  return copies.reduce<T | undefined>(
    (best, copy) => (best === undefined || copyRank(vmOf(copy)) > copyRank(vmOf(best)) ? copy : best),
    undefined,
  );
}
