// Original file: proto/vmplants/v1/request.proto

import type { File as _vmplants_v1_File, File__Output as _vmplants_v1_File__Output } from '../../vmplants/v1/File.js';
import type { Parameter as _vmplants_v1_Parameter, Parameter__Output as _vmplants_v1_Parameter__Output } from '../../vmplants/v1/Parameter.js';

export interface GuestWork {
  /**
   * Runs as root by its `#!` line, else by `sh`; at most 256 KiB.
   */
  'script'?: (string);
  /**
   * Lie in the script's working directory.
   */
  'files'?: (_vmplants_v1_File)[];
  /**
   * Reach the script as environment variables PARAM_<name>.
   */
  'parameters'?: (_vmplants_v1_Parameter)[];
  'environment'?: ({[key: string]: string});
  /**
   * Seconds that the script may take, 1 to 86400; 0 means the default, 300.
   */
  'timeoutSeconds'?: (number | string);
}

export interface GuestWork__Output {
  /**
   * Runs as root by its `#!` line, else by `sh`; at most 256 KiB.
   */
  'script': (string);
  /**
   * Lie in the script's working directory.
   */
  'files': (_vmplants_v1_File__Output)[];
  /**
   * Reach the script as environment variables PARAM_<name>.
   */
  'parameters': (_vmplants_v1_Parameter__Output)[];
  'environment': ({[key: string]: string});
  /**
   * Seconds that the script may take, 1 to 86400; 0 means the default, 300.
   */
  'timeoutSeconds': (number);
}
