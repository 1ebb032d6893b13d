// Original file: proto/vmplants/v1/request.proto

import type { GuestWork as _vmplants_v1_GuestWork, GuestWork__Output as _vmplants_v1_GuestWork__Output } from '../../vmplants/v1/GuestWork.js';
import type { HostWork as _vmplants_v1_HostWork, HostWork__Output as _vmplants_v1_HostWork__Output } from '../../vmplants/v1/HostWork.js';
import type { ErrorHandling as _vmplants_v1_ErrorHandling, ErrorHandling__Output as _vmplants_v1_ErrorHandling__Output } from '../../vmplants/v1/ErrorHandling.js';
import type { OpaqueWork as _vmplants_v1_OpaqueWork, OpaqueWork__Output as _vmplants_v1_OpaqueWork__Output } from '../../vmplants/v1/OpaqueWork.js';

/**
 * A node of the DAG: run in the guest (script), by the host (one of the host operations), or brought by an image only
 * (opaque).
 */
export interface Action {
  /**
   * Unique in the whole request, handlers included: letters, digits, `.`, `_`, `-`, at most 64, not starting with a
   * punctuation mark. `start` and `end` are reserved. Not part of the action's key, except for an added disk: its
   * serial number, the name cut to 20 characters, is part of that action's key.
   */
  'name'?: (string);
  /**
   * Names of the actions that must have been performed before.
   */
  'after'?: (string)[];
  'guest'?: (_vmplants_v1_GuestWork | null);
  'host'?: (_vmplants_v1_HostWork | null);
  /**
   * True marks the effect as belonging to one VM: it runs after cloning and never enters a golden image. An action
   * with a parameter from the identity is one without the mark.
   */
  'identity'?: (boolean);
  /**
   * Seconds after which an image that performed the action no longer matches it; 0 means never.
   */
  'maxAgeSeconds'?: (number | string);
  'onError'?: (_vmplants_v1_ErrorHandling | null);
  'opaque'?: (_vmplants_v1_OpaqueWork | null);
  'kind'?: "guest"|"host"|"opaque";
}

/**
 * A node of the DAG: run in the guest (script), by the host (one of the host operations), or brought by an image only
 * (opaque).
 */
export interface Action__Output {
  /**
   * Unique in the whole request, handlers included: letters, digits, `.`, `_`, `-`, at most 64, not starting with a
   * punctuation mark. `start` and `end` are reserved. Not part of the action's key, except for an added disk: its
   * serial number, the name cut to 20 characters, is part of that action's key.
   */
  'name': (string);
  /**
   * Names of the actions that must have been performed before.
   */
  'after': (string)[];
  'guest'?: (_vmplants_v1_GuestWork__Output | null);
  'host'?: (_vmplants_v1_HostWork__Output | null);
  /**
   * True marks the effect as belonging to one VM: it runs after cloning and never enters a golden image. An action
   * with a parameter from the identity is one without the mark.
   */
  'identity': (boolean);
  /**
   * Seconds after which an image that performed the action no longer matches it; 0 means never.
   */
  'maxAgeSeconds': (number);
  'onError': (_vmplants_v1_ErrorHandling__Output | null);
  'opaque'?: (_vmplants_v1_OpaqueWork__Output | null);
  'kind'?: "guest"|"host"|"opaque";
}
