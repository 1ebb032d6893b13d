/** Who is there: where a shop or a broker finds the plants. The answer may change between two calls. */
export interface Registry {
  /** Known plants, reachable or not, in a stable order. */
  plants(): readonly PlantAddress[];
  /**
   * Plants that were there and left neither in order nor without VMs, and are not among `plants` now: VMs may run on them.
   */
  absent(): readonly AbsentPlant[];
  /** Calls the listener after every change of `plants`, or of the warning; the answer unsubscribes. */
  onChange(listener: () => void): () => void;
  /** Why the answer may be out of date, in one sentence for people; undefined while it is current. */
  warning(): string | undefined;
  /** Stops watching, where there is something to watch. Repeatable. */
  close(): Promise<void>;
}

export interface PlantAddress {
  /** `host:port`, `[IPv6 address]:port` or `unix:PATH`. */
  readonly address: string;
  /** What the plant, or broker, calls itself; absent where the registry does not know. */
  readonly name?: string;
}

/** One that may have VMs, and cannot be asked for them. */
export interface AbsentPlant extends PlantAddress {
  /** What a person does when it will never come back, as a command. */
  readonly remedy: string;
}
