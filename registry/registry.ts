/** Who is there: where a shop or a broker finds the plants. The answer may change between two calls. */
export interface Registry {
  /** Known plants, reachable or not, in a stable order. */
  plants(): readonly PlantAddress[];
  /** Stops watching, where there is something to watch. Repeatable. */
  close(): Promise<void>;
}

interface PlantAddress {
  /** `host:port`, `[IPv6 address]:port` or `unix:PATH`. */
  readonly address: string;
}
