/** A plant's entry in a registry: there while the plant lives, gone soon after it does not. */
export interface Registration {
  /** Takes the entry out at once, where the registry answers; else it goes with its lease. Repeatable. */
  close(): Promise<void>;
  /** Whether shops can find the plant there, as far as is known here. */
  registered(): boolean;
}
