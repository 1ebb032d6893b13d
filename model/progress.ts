/**
 * One step that a long piece of work has taken, as people follow it: creation, baking, assembling. Carries no
 * client data but validated action names.
 */
export interface Progress {
  /** Phase of the flow, for example `clone`, `start`, `renew`, `configure`, `freeze`. */
  readonly phase: string;
  /** Client's name of the action that it is about, where it is about one. */
  readonly action?: string;
  /** One sentence. */
  readonly message: string;
  /** Seconds that the phase or action took, on the message that ends it. */
  readonly seconds?: number;
}

export type ReportProgress = (progress: Progress) => void;
