import type { Dag } from '../../model/dag.js';
import type { VmplantsError } from '../../model/errors.js';
import type { Rung, Stage } from '../../model/plan.js';
import type { ReportProgress } from '../../model/progress.js';
import type { Clock } from '../clock.js';
import type { NewDevice } from '../line/line.js';
import type { Renewed } from './exchange.js';
import type { FreshIdentity, RandomBytes } from './identity.js';
import type { Round } from './round.js';
import type { ScriptVm } from './scriptEnvironment.js';
import type { SessionDeadlines } from './session.js';
import type { Outcome } from './walk.js';

/** What is to be made of a machine that was just started and is still paused, or has waited for this and runs. */
export interface ConfigurationRequest {
  readonly vm: ScriptVm;
  readonly dag: Dag;
  /** What the plan leaves to do; may be empty: the identity is renewed all the same. */
  readonly stages: readonly Stage[];
  readonly rung: Rung;
  /** The machine runs already, and its guest listens. */
  readonly runs?: true;
  readonly identity: FreshIdentity;
  /** Directory for ISOs: the clone's own. */
  readonly directory: string;
  readonly deadlines: ConfigurationDeadlines;
  /** The first ISO, where it was built while the machine started. */
  readonly prepared?: Round;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly progress: ReportProgress;
}

export interface ConfigurationDeadlines extends SessionDeadlines {
  /** From the first instruction of a booted disk to the daemon's `ready`. */
  readonly bootMilliseconds: number;
  /** For one host action. */
  readonly hostActionMilliseconds: number;
}

export interface ConfigurationResult {
  readonly renewed: Renewed;
  /** Of the order's own actions that the plan left to do. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** Every try of every action, handlers' included, as they ended. */
  readonly runs: readonly ActionRun[];
  /** What host actions added, in order. */
  readonly addedDevices: readonly NewDevice[];
  readonly seconds: ConfigurationSeconds;
}

export interface ConfigurationSeconds {
  /** From the first instruction to the daemon's `ready`; absent after a warm start. */
  readonly boot?: number;
  /** From the doorbell to the confirmed identity. */
  readonly renew: number;
  /** All the rest of the configuration: media and actions, host actions before the boot included. */
  readonly configure: number;
}

export interface ActionRun {
  readonly path: readonly string[];
  readonly key: string;
  readonly status: number;
  readonly seconds: number;
  readonly attributes: ReadonlyMap<string, string>;
  readonly output: Uint8Array;
  readonly truncated: boolean;
}

/** The error of a configuration, and whether the guest had confirmed its identity before it. */
export class ConfigurationError extends Error {
  override readonly cause: VmplantsError;
  readonly renewed: boolean;

  constructor(cause: VmplantsError, renewed: boolean) {
    super(cause.message, { cause });
    this.name = 'ConfigurationError';
    this.cause = cause;
    this.renewed = renewed;
  }
}
