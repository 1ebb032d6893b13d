// Original file: proto/vmplants/v1/shop.proto

import type { MachineRequest as _vmplants_v1_MachineRequest, MachineRequest__Output as _vmplants_v1_MachineRequest__Output } from '../../vmplants/v1/MachineRequest.js';
import type { Document as _vmplants_v1_Document, Document__Output as _vmplants_v1_Document__Output } from '../../vmplants/v1/Document.js';

export interface PlanRequest {
  'machine'?: (_vmplants_v1_MachineRequest | null);
  'document'?: (_vmplants_v1_Document | null);
  'request'?: "machine"|"document";
}

export interface PlanRequest__Output {
  'machine'?: (_vmplants_v1_MachineRequest__Output | null);
  'document'?: (_vmplants_v1_Document__Output | null);
  'request'?: "machine"|"document";
}
