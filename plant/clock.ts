/** The time, given as a part: only a program's `main.ts` reads the real clock. */
export interface Clock {
  /** Milliseconds since the epoch; may jump. For what people read and what guests set their clocks to. */
  readonly now: () => number;
  /** Milliseconds of a clock that never jumps. For durations. */
  readonly monotonic: () => number;
}
