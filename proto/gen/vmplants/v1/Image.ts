// Original file: proto/vmplants/v1/vm.proto

import type { PlannedAction as _vmplants_v1_PlannedAction, PlannedAction__Output as _vmplants_v1_PlannedAction__Output } from '../../vmplants/v1/PlannedAction.js';
import type { Long } from '@grpc/proto-loader';

/**
 * A golden image as a plant sees it.
 */
export interface Image {
  'plant'?: (string);
  'name'?: (string);
  'operatingSystem'?: (string);
  'version'?: (string);
  'memoryMib'?: (number);
  'vcpus'?: (number);
  'diskMib'?: (number);
  /**
   * Whether a frozen memory belongs to it.
   */
  'warm'?: (boolean);
  /**
   * Names of the actions performed in it, in order.
   */
  'performed'?: (_vmplants_v1_PlannedAction)[];
  /**
   * Bytes of its files on disk.
   */
  'bytes'?: (number | string | Long);
  /**
   * Milliseconds since the epoch.
   */
  'createdAt'?: (number | string | Long);
  'lines'?: (string)[];
}

/**
 * A golden image as a plant sees it.
 */
export interface Image__Output {
  'plant': (string);
  'name': (string);
  'operatingSystem': (string);
  'version': (string);
  'memoryMib': (number);
  'vcpus': (number);
  'diskMib': (number);
  /**
   * Whether a frozen memory belongs to it.
   */
  'warm': (boolean);
  /**
   * Names of the actions performed in it, in order.
   */
  'performed': (_vmplants_v1_PlannedAction__Output)[];
  /**
   * Bytes of its files on disk.
   */
  'bytes': (string);
  /**
   * Milliseconds since the epoch.
   */
  'createdAt': (string);
  'lines': (string)[];
}
