import type { LocatedImage } from '../model/goldenImage.js';
import type { Clock } from './clock.js';
import type { ConfigurationDeadlines } from './configure/configuration.js';
import type { RandomBytes } from './configure/identity.js';
import type { InformationSystem } from './info/informationSystem.js';
import type { ProductionLine } from './line/line.js';
import type { Log } from './log.js';
import type { PrepareLimits } from './prepare/decidePrepared.js';

/** What a plant is made of. Everything that is not pure comes in here. */
export interface PlantParts {
  /** Name of the plant. */
  readonly name: string;
  /** Production lines of this host, the preferred one first. */
  readonly lines: readonly ProductionLine[];
  readonly warehouse: ImageSource;
  readonly info: InformationSystem;
  /** Absolute directory that holds one directory for every clone. */
  readonly cloneRoot: string;
  readonly limits: PlantLimits;
  readonly deadlines: PlantDeadlines;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
  /** How many machines are resumed ahead of orders; none are where it is absent. */
  readonly prepare?: PrepareLimits;
  /** Called where a crash is tried in tests; see `produce/crashPoint.ts`. */
  readonly crashPoint: CrashPoint;
}

/** The golden images that the plant can reach: what it uses of the warehouse. */
export interface ImageSource {
  /** An immutable snapshot. */
  images(): readonly LocatedImage[];
  get(name: string): LocatedImage | undefined;
  /** Calls the listener after every change; the answer unsubscribes. */
  onChange(listener: () => void): () => void;
  /** Whether it is still as it was verified, asked just before it is cloned. Absent: nobody looks again. */
  confirm?(image: LocatedImage): Promise<boolean>;
}

export interface PlantLimits {
  readonly maxVms: number;
  /** Memory that all VMs may take together. */
  readonly memoryMiB: number;
  /** Host-only networks. */
  readonly networks: number;
  /** Productions that run at the same time. */
  readonly productions: number;
  /** Productions that may wait for their turn; more are refused. */
  readonly waitingProductions: number;
}

export const DEFAULT_LIMITS: Omit<PlantLimits, 'memoryMiB'> = {
  maxVms: 32,
  networks: 4,
  productions: 4,
  waitingProductions: 64,
};

export interface PlantDeadlines extends ConfigurationDeadlines {
  readonly cloneMilliseconds: number;
  /** For a monitor to start and load its memory. A damaged device state fails by this at the latest. */
  readonly startMilliseconds: number;
  /** For the undo of one step, and for removing a VM. */
  readonly undoMilliseconds: number;
  /** For the guest to shut down when its VM is collected, before it is ended by force. */
  readonly stopGraceMilliseconds: number;
}

export const DEFAULT_DEADLINES: PlantDeadlines = {
  cloneMilliseconds: 15_000,
  startMilliseconds: 20_000,
  bootMilliseconds: 120_000,
  acceptMilliseconds: 30_000,
  renewMilliseconds: 30_000,
  marginMilliseconds: 15_000,
  hostActionMilliseconds: 30_000,
  undoMilliseconds: 30_000,
  stopGraceMilliseconds: 2_000,
};

/** A place in the code that a test may have a plant die at; see `produce/crashPoint.ts`. */
export type CrashPoint = (point: string) => Promise<void> | void;

/** For a plant that is not being tried. */
export const NO_CRASH: CrashPoint = () => undefined;
