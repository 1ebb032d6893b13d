// Original file: proto/vmplants/v1/shop.proto

import type { PlantDescription as _vmplants_v1_PlantDescription, PlantDescription__Output as _vmplants_v1_PlantDescription__Output } from '../../vmplants/v1/PlantDescription.js';

export interface PlantsResponse {
  'plants'?: (_vmplants_v1_PlantDescription)[];
}

export interface PlantsResponse__Output {
  'plants': (_vmplants_v1_PlantDescription__Output)[];
}
