// Original file: proto/vmplants/v1/vm.proto

import type { Rejection as _vmplants_v1_Rejection, Rejection__Output as _vmplants_v1_Rejection__Output } from '../../vmplants/v1/Rejection.js';

/**
 * A plant that made no bid, and why.
 */
export interface Refusal {
  'plant'?: (string);
  /**
   * Name of the gRPC status, for example RESOURCE_EXHAUSTED.
   */
  'code'?: (string);
  'reason'?: (string);
  /**
   * Where no image matched: why each did not.
   */
  'rejected'?: (_vmplants_v1_Rejection)[];
}

/**
 * A plant that made no bid, and why.
 */
export interface Refusal__Output {
  'plant': (string);
  /**
   * Name of the gRPC status, for example RESOURCE_EXHAUSTED.
   */
  'code': (string);
  'reason': (string);
  /**
   * Where no image matched: why each did not.
   */
  'rejected': (_vmplants_v1_Rejection__Output)[];
}
