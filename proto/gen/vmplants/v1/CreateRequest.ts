// Original file: proto/vmplants/v1/shop.proto

import type { MachineRequest as _vmplants_v1_MachineRequest, MachineRequest__Output as _vmplants_v1_MachineRequest__Output } from '../../vmplants/v1/MachineRequest.js';
import type { Document as _vmplants_v1_Document, Document__Output as _vmplants_v1_Document__Output } from '../../vmplants/v1/Document.js';

export interface CreateRequest {
  /**
   * Chosen by the client, at most 128 characters: repeating a create with the same ID gives the same VM, never a
   * second one, on whichever shop, as long as it is not sent to two shops at the same moment. While a plant that may
   * have the VM cannot be asked, the answer is UNAVAILABLE. Empty: every call creates a VM of its own.
   */
  'requestId'?: (string);
  'machine'?: (_vmplants_v1_MachineRequest | null);
  'document'?: (_vmplants_v1_Document | null);
  /**
   * Keep a VM whose configuration failed, in VM_STATE_FAILED, for inspection; it must be collected like any other.
   */
  'keepFailed'?: (boolean);
  /**
   * The caller has just made the request ID up and sends it for the first time, so no plant can have the VM and one
   * that does not answer need not be waited for. Never set it when repeating a create.
   */
  'firstUse'?: (boolean);
  'request'?: "machine"|"document";
}

export interface CreateRequest__Output {
  /**
   * Chosen by the client, at most 128 characters: repeating a create with the same ID gives the same VM, never a
   * second one, on whichever shop, as long as it is not sent to two shops at the same moment. While a plant that may
   * have the VM cannot be asked, the answer is UNAVAILABLE. Empty: every call creates a VM of its own.
   */
  'requestId': (string);
  'machine'?: (_vmplants_v1_MachineRequest__Output | null);
  'document'?: (_vmplants_v1_Document__Output | null);
  /**
   * Keep a VM whose configuration failed, in VM_STATE_FAILED, for inspection; it must be collected like any other.
   */
  'keepFailed': (boolean);
  /**
   * The caller has just made the request ID up and sends it for the first time, so no plant can have the VM and one
   * that does not answer need not be waited for. Never set it when repeating a create.
   */
  'firstUse': (boolean);
  'request'?: "machine"|"document";
}
