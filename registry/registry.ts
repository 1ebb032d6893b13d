/** Who is there: where a shop or a broker finds the plants. The answer may change between two calls. */
export interface Registry {
  /** Known plants, reachable or not, in a stable order. */
  plants(): readonly PlantAddress[];
  /** Calls the listener after every change of the answer, or of the warning; the answer unsubscribes. */
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
