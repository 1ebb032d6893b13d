/** A plant's entry in a registry: there while the plant lives, gone soon after it does not. */
export interface Registration {
  /** Takes the entry out at once, where the registry answers; else it goes with its lease. Repeatable. */
  close(): Promise<void>;
  /**
   * After `close`, and only of a plant that has no VMs: takes it out of the roster too, so that nobody waits for it. One
   * that was taken over by another process stays. Where the registry does not answer, the plant stays in the roster.
   */
  leave(): Promise<void>;
  /** Whether shops can find the plant there, as far as is known here. */
  registered(): boolean;
}
