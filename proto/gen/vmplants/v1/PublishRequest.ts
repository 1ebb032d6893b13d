// Original file: proto/vmplants/v1/image.proto

import type { RecipePublication as _vmplants_v1_RecipePublication, RecipePublication__Output as _vmplants_v1_RecipePublication__Output } from '../../vmplants/v1/RecipePublication.js';
import type { LivePublication as _vmplants_v1_LivePublication, LivePublication__Output as _vmplants_v1_LivePublication__Output } from '../../vmplants/v1/LivePublication.js';

/**
 * Makes a golden image of a VM. The VM goes on running.
 */
export interface PublishRequest {
  'vmid'?: (string);
  /**
   * Name of the new image: 1 to 63 of a-z, 0-9, dot, underscore and dash.
   */
  'name'?: (string);
  /**
   * The default when neither is given.
   */
  'recipe'?: (_vmplants_v1_RecipePublication | null);
  'live'?: (_vmplants_v1_LivePublication | null);
  /**
   * What other client domains than the VM's may use of it: `no` (the default when empty), `disk` or `memory`.
   */
  'shared'?: (string);
  /**
   * Never evicted.
   */
  'pinned'?: (boolean);
  'way'?: "recipe"|"live";
}

/**
 * Makes a golden image of a VM. The VM goes on running.
 */
export interface PublishRequest__Output {
  'vmid': (string);
  /**
   * Name of the new image: 1 to 63 of a-z, 0-9, dot, underscore and dash.
   */
  'name': (string);
  /**
   * The default when neither is given.
   */
  'recipe'?: (_vmplants_v1_RecipePublication__Output | null);
  'live'?: (_vmplants_v1_LivePublication__Output | null);
  /**
   * What other client domains than the VM's may use of it: `no` (the default when empty), `disk` or `memory`.
   */
  'shared': (string);
  /**
   * Never evicted.
   */
  'pinned': (boolean);
  'way'?: "recipe"|"live";
}
