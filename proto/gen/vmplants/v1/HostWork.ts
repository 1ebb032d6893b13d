// Original file: proto/vmplants/v1/request.proto

import type { AttachIso as _vmplants_v1_AttachIso, AttachIso__Output as _vmplants_v1_AttachIso__Output } from '../../vmplants/v1/AttachIso.js';
import type { AddDisk as _vmplants_v1_AddDisk, AddDisk__Output as _vmplants_v1_AddDisk__Output } from '../../vmplants/v1/AddDisk.js';
import type { AddNetworkInterface as _vmplants_v1_AddNetworkInterface, AddNetworkInterface__Output as _vmplants_v1_AddNetworkInterface__Output } from '../../vmplants/v1/AddNetworkInterface.js';

export interface HostWork {
  'attachIso'?: (_vmplants_v1_AttachIso | null);
  'addDisk'?: (_vmplants_v1_AddDisk | null);
  'addNetworkInterface'?: (_vmplants_v1_AddNetworkInterface | null);
  'operation'?: "attachIso"|"addDisk"|"addNetworkInterface";
}

export interface HostWork__Output {
  'attachIso'?: (_vmplants_v1_AttachIso__Output | null);
  'addDisk'?: (_vmplants_v1_AddDisk__Output | null);
  'addNetworkInterface'?: (_vmplants_v1_AddNetworkInterface__Output | null);
  'operation'?: "attachIso"|"addDisk"|"addNetworkInterface";
}
