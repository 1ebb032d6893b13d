// Original file: proto/vmplants/v1/image.proto

import type { MachineRequest as _vmplants_v1_MachineRequest, MachineRequest__Output as _vmplants_v1_MachineRequest__Output } from '../../vmplants/v1/MachineRequest.js';
import type { Document as _vmplants_v1_Document, Document__Output as _vmplants_v1_Document__Output } from '../../vmplants/v1/Document.js';

/**
 * All of the VM's request that belongs to no one VM is produced afresh and frozen, so that the image is exactly what
 * its record says.
 */
export interface RecipePublication {
  'machine'?: (_vmplants_v1_MachineRequest | null);
  /**
   * Read by the shop; a plant takes `machine` only.
   */
  'document'?: (_vmplants_v1_Document | null);
  /**
   * The VM's request. Needed only when the plant does not know it any more (FAILED_PRECONDITION, reason
   * RECIPE_UNKNOWN); another request than the VM's is FAILED_PRECONDITION, reason OTHER_ORDER.
   */
  'request'?: "machine"|"document";
}

/**
 * All of the VM's request that belongs to no one VM is produced afresh and frozen, so that the image is exactly what
 * its record says.
 */
export interface RecipePublication__Output {
  'machine'?: (_vmplants_v1_MachineRequest__Output | null);
  /**
   * Read by the shop; a plant takes `machine` only.
   */
  'document'?: (_vmplants_v1_Document__Output | null);
  /**
   * The VM's request. Needed only when the plant does not know it any more (FAILED_PRECONDITION, reason
   * RECIPE_UNKNOWN); another request than the VM's is FAILED_PRECONDITION, reason OTHER_ORDER.
   */
  'request'?: "machine"|"document";
}
