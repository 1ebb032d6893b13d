import type { CliEnvironment } from '../../cli/environment.js';

/** What `vmplant` takes from its host besides what every command line does; read by main.ts alone. */
export interface PlantEnvironment extends CliEnvironment {
  readonly hostName: string;
  /** Memory of the host in MiB. */
  readonly hostMemoryMiB: number;
  readonly temporaryDirectory: string;
  /** Of this program. */
  readonly version: string;
}
