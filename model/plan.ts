/**
 * How an order will be produced: the planner's answer (VMPlants paper, section 3.2). Pure data; `produce` carries
 * it out.
 */
export interface Plan {
  /** Digest of the order that it is for. */
  readonly orderDigest: string;
  /** Name of the chosen golden image. */
  readonly image: string;
  /** `warm`: the frozen memory is resumed. `disk`: the image's disk is booted. */
  readonly rung: Rung;
  /** The production line that makes the machine. */
  readonly line: string;
  /** Why a rung above the chosen one of the same image did not fit; absent when warm. */
  readonly rungReason?: string;
  /** Whether it is served by a machine that was prepared ahead and waits: resumed or, on the disk rung, booted. */
  readonly prepared: boolean;
  /** The order's actions that the image brings, in the order in which they ran there. */
  readonly performed: readonly PlannedAction[];
  /** What is left, in an order that the DAG allows, grouped so that one ISO carries as many guest actions as can be. */
  readonly stages: readonly Stage[];
  /** Seconds that the residual work, and the boot on the disk rung unless a machine waits, are expected to take. */
  readonly residualSeconds: number;
  /** Seconds that the chosen image saves against doing everything. */
  readonly savedSeconds: number;
  /** Every other image and why it lost. */
  readonly rejected: readonly Rejection[];
  /** For the client, for example an action that can never be cached because it follows an identity action. */
  readonly warnings: readonly string[];
}

export type Rung = 'warm' | 'disk';

export interface PlannedAction {
  readonly name: string;
  readonly key: string;
}

export type Stage =
  /** Guest actions on one ISO, in order. */
  | { readonly kind: 'guest'; readonly actions: readonly PlannedAction[] }
  | { readonly kind: 'host'; readonly action: PlannedAction };

/** Which test an image failed, or that it passed them all and saved less. */
export interface Rejection {
  readonly image: string;
  readonly test: RejectionTest;
  /** Name of the action at which it failed: the order's name, or the image's when the order has none such. */
  readonly action?: string;
  /** One sentence for people. */
  readonly reason: string;
}

export type RejectionTest =
  | 'hardware'
  | 'operating-system'
  | 'line'
  | 'network'
  | 'subset'
  | 'prefix'
  | 'partial-order'
  | 'opaque'
  | 'max-age'
  | 'devices'
  | 'saves-less';

/** The planner's answer: a plan, or why there is none. */
export type PlanResult =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'no-match'; readonly rejected: readonly Rejection[] };
