import type { Terminal } from './terminal.js';

/** Everything that a command line takes from the process it runs in; read by main.ts alone. */
export interface CliEnvironment {
  readonly terminal: Terminal;
  /** Arguments after the program's name. */
  readonly arguments: readonly string[];
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Directory that relative paths on the command line start at. */
  readonly directory: string;
  readonly homeDirectory: string;
  /** Effective user, where the system has such. */
  readonly userId: number | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds of a clock that never jumps. */
  readonly monotonic: () => number;
  /** A new random identifier for a request. */
  readonly newRequestId: () => string;
  /** So many bytes of a source that cannot be guessed. */
  readonly randomBytes: (count: number) => Uint8Array;
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
}
