// Original file: proto/vmplants/v1/request.proto

import type { Action as _vmplants_v1_Action, Action__Output as _vmplants_v1_Action__Output } from '../../vmplants/v1/Action.js';

/**
 * What happens when the action fails (VMPlants paper, section 3.1: error node and error-handling sub-graphs).
 */
export interface ErrorHandling {
  /**
   * How often the action is tried again, 0 to 10.
   */
  'retries'?: (number);
  /**
   * The error-handling sub-graph; it runs when the action failed for good.
   */
  'handler'?: (_vmplants_v1_Action)[];
  /**
   * What follows: `abort` (default when empty), `continue`, or `go-on-at`.
   */
  'then'?: (string);
  /**
   * With `go-on-at`: the successor at which to go on, or `end`. Other successors of the failed action are skipped.
   */
  'goOnAt'?: (string);
}

/**
 * What happens when the action fails (VMPlants paper, section 3.1: error node and error-handling sub-graphs).
 */
export interface ErrorHandling__Output {
  /**
   * How often the action is tried again, 0 to 10.
   */
  'retries': (number);
  /**
   * The error-handling sub-graph; it runs when the action failed for good.
   */
  'handler': (_vmplants_v1_Action__Output)[];
  /**
   * What follows: `abort` (default when empty), `continue`, or `go-on-at`.
   */
  'then': (string);
  /**
   * With `go-on-at`: the successor at which to go on, or `end`. Other successors of the failed action are skipped.
   */
  'goOnAt': (string);
}
