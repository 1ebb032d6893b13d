// Original file: proto/vmplants/v1/plant.proto

import type { MachineRequest as _vmplants_v1_MachineRequest, MachineRequest__Output as _vmplants_v1_MachineRequest__Output } from '../../vmplants/v1/MachineRequest.js';

export interface ProduceRequest {
  /**
   * Assigned by the shop: `vm-` and 26 characters a-z, 2-7.
   */
  'vmid'?: (string);
  'machine'?: (_vmplants_v1_MachineRequest | null);
  'keepFailed'?: (boolean);
  /**
   * Digest that the shop computed; the plant refuses when it computes another one.
   */
  'orderDigest'?: (string);
  /**
   * The VM is removed unless Claim is called so soon after it runs: a shop that lost this plant has the order produced
   * elsewhere, and must be sure that only one VM stays. 0: it stays without.
   */
  'claimWithinSeconds'?: (number);
}

export interface ProduceRequest__Output {
  /**
   * Assigned by the shop: `vm-` and 26 characters a-z, 2-7.
   */
  'vmid': (string);
  'machine': (_vmplants_v1_MachineRequest__Output | null);
  'keepFailed': (boolean);
  /**
   * Digest that the shop computed; the plant refuses when it computes another one.
   */
  'orderDigest': (string);
  /**
   * The VM is removed unless Claim is called so soon after it runs: a shop that lost this plant has the order produced
   * elsewhere, and must be sure that only one VM stays. 0: it stays without.
   */
  'claimWithinSeconds': (number);
}
