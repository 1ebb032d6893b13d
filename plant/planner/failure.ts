import type { RejectionTest } from '../../model/plan.js';

/** Why an image failed a test. The sentence is only made when somebody reads it: most failures are never shown. */
export interface Failure {
  readonly test: RejectionTest;
  /** Name of the action at which it failed: the order's name, or the image's when the order has none such. */
  readonly action?: string;
  /** One sentence for people. */
  readonly describe: () => string;
}
