// Original file: proto/vmplants/v1/vm.proto

import type { ClassadValue as _vmplants_v1_ClassadValue, ClassadValue__Output as _vmplants_v1_ClassadValue__Output } from '../../vmplants/v1/ClassadValue.js';

export interface ClassadList {
  'values'?: (_vmplants_v1_ClassadValue)[];
}

export interface ClassadList__Output {
  'values': (_vmplants_v1_ClassadValue__Output)[];
}
