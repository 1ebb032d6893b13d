/** The clocks of the process. */
export interface Clock {
  /** Milliseconds since the epoch; a gRPC deadline is a moment. */
  readonly now: () => number;
  /** Milliseconds of a clock that never jumps. */
  readonly monotonic: () => number;
}
