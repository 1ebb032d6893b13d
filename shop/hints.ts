/**
 * Where VMs were seen last: VMID -> address of a plant. Only a hint that saves asking every plant; whoever has lost
 * it, or never had it, gets the same answers. Bounded: the oldest hint goes first.
 */
export interface Hints {
  get(vmid: string): string | undefined;
  set(vmid: string, address: string): void;
  forget(vmid: string): void;
}

export function boundedHints(capacity: number): Hints {
  const seen = new Map<string, string>();
  return {
    get: (vmid) => seen.get(vmid),
    set: (vmid, address) => {
      seen.delete(vmid);
      seen.set(vmid, address);
      if (seen.size <= capacity) return;
      for (const oldest of seen.keys()) {
        seen.delete(oldest);
        break;
      }
    },
    forget: (vmid) => {
      seen.delete(vmid);
    },
  };
}
