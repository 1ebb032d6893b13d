import type { Clock } from '../clock.js';
import type { RandomBytes } from '../configure/identity.js';
import type { ProductionLine } from '../line/line.js';
import type { Log } from '../log.js';
import type { PlantDeadlines } from '../parts.js';

/** What baking is done with. */
export interface BakeParts {
  readonly line: ProductionLine;
  /** Absolute directory of the warehouse that the image is published in. */
  readonly warehouseDirectory: string;
  /**
   * Absolute directory for the machine while it bakes, best on the warehouse's file system: what is frozen is then
   * moved, not copied. Made when missing.
   */
  readonly scratchRoot: string;
  /** Environment of the tools that are run; `PATH` at least. */
  readonly toolEnvironment: Readonly<Record<string, string>>;
  readonly deadlines: PlantDeadlines;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
}
