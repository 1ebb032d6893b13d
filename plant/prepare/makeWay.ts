/** A machine that waits, as far as making room goes. */
export interface HeldMachine {
  readonly id: string;
  readonly memoryMiB: number;
  /** The higher the longer it stays. */
  readonly worth: number;
}

/** What the plant's VMs need beyond what is free beside the machines; nothing is missing where it is not above 0. */
export interface Missing {
  readonly memoryMiB: number;
  readonly places: number;
}

/** Which machines go so that nothing is missing any more: what is worth least first, all of them if need be. Pure. */
export function makeWay(held: readonly HeldMachine[], missing: Missing): readonly string[] {
  const gone: string[] = [];
  let { memoryMiB, places } = missing;
  for (const machine of [...held].sort((a, b) => a.worth - b.worth)) {
    if (memoryMiB <= 0 && places <= 0) break;
    gone.push(machine.id);
    memoryMiB -= machine.memoryMiB;
    places -= 1;
  }
  return gone;
}
