// Original file: proto/vmplants/v1/vm.proto

import type { PlannedAction as _vmplants_v1_PlannedAction, PlannedAction__Output as _vmplants_v1_PlannedAction__Output } from '../../vmplants/v1/PlannedAction.js';
import type { Stage as _vmplants_v1_Stage, Stage__Output as _vmplants_v1_Stage__Output } from '../../vmplants/v1/Stage.js';
import type { Rejection as _vmplants_v1_Rejection, Rejection__Output as _vmplants_v1_Rejection__Output } from '../../vmplants/v1/Rejection.js';

/**
 * How a plant would produce an order, or does.
 */
export interface Plan {
  'plant'?: (string);
  'orderDigest'?: (string);
  'image'?: (string);
  /**
   * `warm`: the frozen memory is resumed; `disk`: the disk is booted.
   */
  'rung'?: (string);
  /**
   * Why it is not `warm`; empty when it is.
   */
  'rungReason'?: (string);
  /**
   * Actions of the order that the image brings, in the order in which they ran.
   */
  'performed'?: (_vmplants_v1_PlannedAction)[];
  /**
   * What is left to run, grouped by ISO.
   */
  'stages'?: (_vmplants_v1_Stage)[];
  'residualSeconds'?: (number | string);
  'savedSeconds'?: (number | string);
  'rejected'?: (_vmplants_v1_Rejection)[];
  'warnings'?: (string)[];
  /**
   * Served by a machine that was prepared ahead, running and waiting.
   */
  'prepared'?: (boolean);
  /**
   * The production line that makes it.
   */
  'line'?: (string);
}

/**
 * How a plant would produce an order, or does.
 */
export interface Plan__Output {
  'plant': (string);
  'orderDigest': (string);
  'image': (string);
  /**
   * `warm`: the frozen memory is resumed; `disk`: the disk is booted.
   */
  'rung': (string);
  /**
   * Why it is not `warm`; empty when it is.
   */
  'rungReason': (string);
  /**
   * Actions of the order that the image brings, in the order in which they ran.
   */
  'performed': (_vmplants_v1_PlannedAction__Output)[];
  /**
   * What is left to run, grouped by ISO.
   */
  'stages': (_vmplants_v1_Stage__Output)[];
  'residualSeconds': (number);
  'savedSeconds': (number);
  'rejected': (_vmplants_v1_Rejection__Output)[];
  'warnings': (string)[];
  /**
   * Served by a machine that was prepared ahead, running and waiting.
   */
  'prepared': (boolean);
  /**
   * The production line that makes it.
   */
  'line': (string);
}
