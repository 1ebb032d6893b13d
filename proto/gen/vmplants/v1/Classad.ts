// Original file: proto/vmplants/v1/vm.proto

import type { ClassadAttribute as _vmplants_v1_ClassadAttribute, ClassadAttribute__Output as _vmplants_v1_ClassadAttribute__Output } from '../../vmplants/v1/ClassadAttribute.js';

/**
 * (attribute, value) pairs; attribute names are case-insensitive.
 */
export interface Classad {
  'attributes'?: (_vmplants_v1_ClassadAttribute)[];
}

/**
 * (attribute, value) pairs; attribute names are case-insensitive.
 */
export interface Classad__Output {
  'attributes': (_vmplants_v1_ClassadAttribute__Output)[];
}
