// Original file: proto/vmplants/v1/vm.proto

import type { Quote as _vmplants_v1_Quote, Quote__Output as _vmplants_v1_Quote__Output } from '../../vmplants/v1/Quote.js';
import type { ImageProfile as _vmplants_v1_ImageProfile, ImageProfile__Output as _vmplants_v1_ImageProfile__Output } from '../../vmplants/v1/ImageProfile.js';

/**
 * What a shop needs to know of a plant to decide whether to ask it for a bid.
 */
export interface PlantStatus {
  'name'?: (string);
  'broker'?: (boolean);
  'quote'?: (_vmplants_v1_Quote | null);
  /**
   * Room for so many VMs, and memory for them; of a broker, of the plant behind it that has most.
   */
  'freeVms'?: (number);
  'freeMemoryMib'?: (number);
  'freeNetworks'?: (number);
  /**
   * Client domains that have a host-only network there: the first 12 hexadecimal digits of SHA-256 of each name.
   */
  'domains'?: (string)[];
  /**
   * What the golden images offer; absent when it is as last time in this stream.
   */
  'images'?: (_vmplants_v1_ImageProfile | null);
  'lines'?: (string)[];
}

/**
 * What a shop needs to know of a plant to decide whether to ask it for a bid.
 */
export interface PlantStatus__Output {
  'name': (string);
  'broker': (boolean);
  'quote': (_vmplants_v1_Quote__Output | null);
  /**
   * Room for so many VMs, and memory for them; of a broker, of the plant behind it that has most.
   */
  'freeVms': (number);
  'freeMemoryMib': (number);
  'freeNetworks': (number);
  /**
   * Client domains that have a host-only network there: the first 12 hexadecimal digits of SHA-256 of each name.
   */
  'domains': (string)[];
  /**
   * What the golden images offer; absent when it is as last time in this stream.
   */
  'images': (_vmplants_v1_ImageProfile__Output | null);
  'lines': (string)[];
}
