// Original file: proto/vmplants/v1/vm.proto

import type { LineDescription as _vmplants_v1_LineDescription, LineDescription__Output as _vmplants_v1_LineDescription__Output } from '../../vmplants/v1/LineDescription.js';

/**
 * What a plant is and how loaded it is.
 */
export interface PlantDescription {
  'name'?: (string);
  /**
   * host:port that it was reached at (filled in by the shop).
   */
  'address'?: (string);
  'vms'?: (number);
  'maxVms'?: (number);
  'usedMemoryMib'?: (number);
  'totalMemoryMib'?: (number);
  'networksInUse'?: (number);
  'networks'?: (number);
  'images'?: (number);
  'lines'?: (_vmplants_v1_LineDescription)[];
  'version'?: (string);
  /**
   * Empty when it answered; else why it did not (filled in by the shop).
   */
  'error'?: (string);
  /**
   * Machines prepared ahead, and the memory that they hold. It is not in used_memory_mib: they make room when needed.
   */
  'prepared'?: (number);
  'preparedMemoryMib'?: (number);
}

/**
 * What a plant is and how loaded it is.
 */
export interface PlantDescription__Output {
  'name': (string);
  /**
   * host:port that it was reached at (filled in by the shop).
   */
  'address': (string);
  'vms': (number);
  'maxVms': (number);
  'usedMemoryMib': (number);
  'totalMemoryMib': (number);
  'networksInUse': (number);
  'networks': (number);
  'images': (number);
  'lines': (_vmplants_v1_LineDescription__Output)[];
  'version': (string);
  /**
   * Empty when it answered; else why it did not (filled in by the shop).
   */
  'error': (string);
  /**
   * Machines prepared ahead, and the memory that they hold. It is not in used_memory_mib: they make room when needed.
   */
  'prepared': (number);
  'preparedMemoryMib': (number);
}
