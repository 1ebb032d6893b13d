// Original file: proto/vmplants/v1/image.proto

import type { PlannedAction as _vmplants_v1_PlannedAction, PlannedAction__Output as _vmplants_v1_PlannedAction__Output } from '../../vmplants/v1/PlannedAction.js';
import type { Long } from '@grpc/proto-loader';

/**
 * An image that would pay.
 */
export interface BakeProposal {
  /**
   * In the order in which they would be performed.
   */
  'actions'?: (_vmplants_v1_PlannedAction)[];
  'operatingSystem'?: (string);
  'memoryMib'?: (number);
  'clientDomain'?: (string);
  /**
   * Expected bytes on disk.
   */
  'bytes'?: (number | string | Long);
  /**
   * Expected saving over what there is, in seconds a day.
   */
  'savedSecondsPerDay'?: (number | string);
  /**
   * For people.
   */
  'reason'?: (string);
}

/**
 * An image that would pay.
 */
export interface BakeProposal__Output {
  /**
   * In the order in which they would be performed.
   */
  'actions': (_vmplants_v1_PlannedAction__Output)[];
  'operatingSystem': (string);
  'memoryMib': (number);
  'clientDomain': (string);
  /**
   * Expected bytes on disk.
   */
  'bytes': (string);
  /**
   * Expected saving over what there is, in seconds a day.
   */
  'savedSecondsPerDay': (number);
  /**
   * For people.
   */
  'reason': (string);
}
