// Original file: proto/vmplants/v1/shop.proto

import type { PlantDescription as _vmplants_v1_PlantDescription, PlantDescription__Output as _vmplants_v1_PlantDescription__Output } from '../../vmplants/v1/PlantDescription.js';

export interface PlantsResponse {
  'plants'?: (_vmplants_v1_PlantDescription)[];
  /**
   * Why the list of plants may be out of date; empty when it is current.
   */
  'warning'?: (string);
}

export interface PlantsResponse__Output {
  'plants': (_vmplants_v1_PlantDescription__Output)[];
  /**
   * Why the list of plants may be out of date; empty when it is current.
   */
  'warning': (string);
}
