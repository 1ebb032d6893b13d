// Original file: proto/vmplants/v1/vm.proto

import type { CostComponent as _vmplants_v1_CostComponent, CostComponent__Output as _vmplants_v1_CostComponent__Output } from '../../vmplants/v1/CostComponent.js';

/**
 * A plant's offer for an order (VMPlants paper, sections 3.1 and 3.4).
 */
export interface Bid {
  /**
   * Name of the plant; of one behind brokers, theirs before it: `broker/plant`.
   */
  'plant'?: (string);
  /**
   * SHA-256 of the order. A bid for another order is discarded.
   */
  'orderDigest'?: (string);
  /**
   * Sum of the components. Lower wins; not finite or negative is discarded.
   */
  'cost'?: (number | string);
  'components'?: (_vmplants_v1_CostComponent)[];
  /**
   * Golden image that would be cloned, and on which rung (`warm`, `disk`).
   */
  'image'?: (string);
  'rung'?: (string);
  /**
   * Expected seconds of work that the image does not bring.
   */
  'residualSeconds'?: (number | string);
  /**
   * How long the offer holds after it was received.
   */
  'holdsForMilliseconds'?: (number);
  /**
   * A machine of that image waits already, running, to be handed out.
   */
  'prepared'?: (boolean);
}

/**
 * A plant's offer for an order (VMPlants paper, sections 3.1 and 3.4).
 */
export interface Bid__Output {
  /**
   * Name of the plant; of one behind brokers, theirs before it: `broker/plant`.
   */
  'plant': (string);
  /**
   * SHA-256 of the order. A bid for another order is discarded.
   */
  'orderDigest': (string);
  /**
   * Sum of the components. Lower wins; not finite or negative is discarded.
   */
  'cost': (number);
  'components': (_vmplants_v1_CostComponent__Output)[];
  /**
   * Golden image that would be cloned, and on which rung (`warm`, `disk`).
   */
  'image': (string);
  'rung': (string);
  /**
   * Expected seconds of work that the image does not bring.
   */
  'residualSeconds': (number);
  /**
   * How long the offer holds after it was received.
   */
  'holdsForMilliseconds': (number);
  /**
   * A machine of that image waits already, running, to be handed out.
   */
  'prepared': (boolean);
}
