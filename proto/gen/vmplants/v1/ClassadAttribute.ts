// Original file: proto/vmplants/v1/vm.proto

import type { ClassadValue as _vmplants_v1_ClassadValue, ClassadValue__Output as _vmplants_v1_ClassadValue__Output } from '../../vmplants/v1/ClassadValue.js';

export interface ClassadAttribute {
  'name'?: (string);
  'value'?: (_vmplants_v1_ClassadValue | null);
}

export interface ClassadAttribute__Output {
  'name': (string);
  'value': (_vmplants_v1_ClassadValue__Output | null);
}
