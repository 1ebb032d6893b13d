// Original file: proto/vmplants/v1/vm.proto

import type { ClassadList as _vmplants_v1_ClassadList, ClassadList__Output as _vmplants_v1_ClassadList__Output } from '../../vmplants/v1/ClassadList.js';
import type { Classad as _vmplants_v1_Classad, Classad__Output as _vmplants_v1_Classad__Output } from '../../vmplants/v1/Classad.js';
import type { Long } from '@grpc/proto-loader';

export interface ClassadValue {
  'text'?: (string);
  'integer'?: (number | string | Long);
  'real'?: (number | string);
  'boolean'?: (boolean);
  'list'?: (_vmplants_v1_ClassadList | null);
  'classad'?: (_vmplants_v1_Classad | null);
  'value'?: "text"|"integer"|"real"|"boolean"|"list"|"classad";
}

export interface ClassadValue__Output {
  'text'?: (string);
  'integer'?: (string);
  'real'?: (number);
  'boolean'?: (boolean);
  'list'?: (_vmplants_v1_ClassadList__Output | null);
  'classad'?: (_vmplants_v1_Classad__Output | null);
  'value'?: "text"|"integer"|"real"|"boolean"|"list"|"classad";
}
