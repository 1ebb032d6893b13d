// Original file: proto/vmplants/v1/vm.proto

import type { ExecEnd as _vmplants_v1_ExecEnd, ExecEnd__Output as _vmplants_v1_ExecEnd__Output } from '../../vmplants/v1/ExecEnd.js';

export interface ExecEvent {
  'output'?: (Buffer | Uint8Array | string);
  'ended'?: (_vmplants_v1_ExecEnd | null);
  'event'?: "output"|"ended";
}

export interface ExecEvent__Output {
  'output'?: (Buffer);
  'ended'?: (_vmplants_v1_ExecEnd__Output | null);
  'event'?: "output"|"ended";
}
