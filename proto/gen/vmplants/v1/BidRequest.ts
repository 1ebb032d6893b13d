// Original file: proto/vmplants/v1/plant.proto

import type { MachineRequest as _vmplants_v1_MachineRequest, MachineRequest__Output as _vmplants_v1_MachineRequest__Output } from '../../vmplants/v1/MachineRequest.js';

export interface BidRequest {
  'machine'?: (_vmplants_v1_MachineRequest | null);
  /**
   * Also answer with the whole plan (a dry run).
   */
  'explain'?: (boolean);
}

export interface BidRequest__Output {
  'machine': (_vmplants_v1_MachineRequest__Output | null);
  /**
   * Also answer with the whole plan (a dry run).
   */
  'explain': (boolean);
}
