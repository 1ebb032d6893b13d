// Original file: proto/vmplants/v1/vm.proto

import type { LineDescription as _vmplants_v1_LineDescription, LineDescription__Output as _vmplants_v1_LineDescription__Output } from '../../vmplants/v1/LineDescription.js';
import type { PlantDescription as _vmplants_v1_PlantDescription, PlantDescription__Output as _vmplants_v1_PlantDescription__Output } from '../../vmplants/v1/PlantDescription.js';
import type { Quote as _vmplants_v1_Quote, Quote__Output as _vmplants_v1_Quote__Output } from '../../vmplants/v1/Quote.js';

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
  /**
   * Of a broker: what is behind it, each as it describes itself. Its own numbers are their sums.
   */
  'behind'?: (_vmplants_v1_PlantDescription)[];
  'broker'?: (boolean);
  /**
   * What it would ask for a VM now.
   */
  'quote'?: (_vmplants_v1_Quote | null);
  /**
   * Places that are reserved for VMs which are not there yet; they count as taken in `vms`, memory and networks.
   */
  'reserved'?: (number);
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
  /**
   * Of a broker: what is behind it, each as it describes itself. Its own numbers are their sums.
   */
  'behind': (_vmplants_v1_PlantDescription__Output)[];
  'broker': (boolean);
  /**
   * What it would ask for a VM now.
   */
  'quote': (_vmplants_v1_Quote__Output | null);
  /**
   * Places that are reserved for VMs which are not there yet; they count as taken in `vms`, memory and networks.
   */
  'reserved': (number);
}
