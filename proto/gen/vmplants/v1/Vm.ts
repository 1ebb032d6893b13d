// Original file: proto/vmplants/v1/vm.proto

import type { VmState as _vmplants_v1_VmState, VmState__Output as _vmplants_v1_VmState__Output } from '../../vmplants/v1/VmState.js';
import type { Classad as _vmplants_v1_Classad, Classad__Output as _vmplants_v1_Classad__Output } from '../../vmplants/v1/Classad.js';
import type { Long } from '@grpc/proto-loader';

/**
 * A VM as its plant knows it.
 */
export interface Vm {
  /**
   * The shop-assigned unique name.
   */
  'vmid'?: (string);
  'state'?: (_vmplants_v1_VmState);
  /**
   * Name of the plant that holds it.
   */
  'plant'?: (string);
  'clientDomain'?: (string);
  /**
   * Golden image that it was cloned from.
   */
  'image'?: (string);
  /**
   * `warm` or `disk`.
   */
  'rung'?: (string);
  'line'?: (string);
  /**
   * Milliseconds since the epoch.
   */
  'createdAt'?: (number | string | Long);
  /**
   * Why it failed, in VM_STATE_FAILED.
   */
  'reason'?: (string);
  'classad'?: (_vmplants_v1_Classad | null);
  'vcpus'?: (number);
  'memoryMib'?: (number);
  'hostname'?: (string);
  /**
   * SHA-256 of the order that it was made for.
   */
  'orderDigest'?: (string);
  /**
   * How long ago the plant said this: what a shop answers from its memory is so old. 0: the plant was asked just now.
   */
  'ageMilliseconds'?: (number);
  /**
   * Nobody has claimed it: it is not its client's yet, and goes by itself unless it is claimed. Of several plants that have
   * one VMID, the others' copies.
   */
  'unclaimed'?: (boolean);
}

/**
 * A VM as its plant knows it.
 */
export interface Vm__Output {
  /**
   * The shop-assigned unique name.
   */
  'vmid': (string);
  'state': (_vmplants_v1_VmState__Output);
  /**
   * Name of the plant that holds it.
   */
  'plant': (string);
  'clientDomain': (string);
  /**
   * Golden image that it was cloned from.
   */
  'image': (string);
  /**
   * `warm` or `disk`.
   */
  'rung': (string);
  'line': (string);
  /**
   * Milliseconds since the epoch.
   */
  'createdAt': (string);
  /**
   * Why it failed, in VM_STATE_FAILED.
   */
  'reason': (string);
  'classad': (_vmplants_v1_Classad__Output | null);
  'vcpus': (number);
  'memoryMib': (number);
  'hostname': (string);
  /**
   * SHA-256 of the order that it was made for.
   */
  'orderDigest': (string);
  /**
   * How long ago the plant said this: what a shop answers from its memory is so old. 0: the plant was asked just now.
   */
  'ageMilliseconds': (number);
  /**
   * Nobody has claimed it: it is not its client's yet, and goes by itself unless it is claimed. Of several plants that have
   * one VMID, the others' copies.
   */
  'unclaimed': (boolean);
}
