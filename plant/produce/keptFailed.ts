import type { VmplantsError } from '../../model/errors.js';
import type { Machine } from '../line/line.js';
import type { Attempt } from './attempt.js';

/** The creation failed, and the VM was kept for inspection as the client had asked. */
export class KeptFailed extends Error {
  override readonly cause: VmplantsError;
  readonly machine: Machine;
  readonly attempt: Attempt;

  constructor(cause: VmplantsError, machine: Machine, attempt: Attempt) {
    super(cause.message, { cause });
    this.name = 'KeptFailed';
    this.cause = cause;
    this.machine = machine;
    this.attempt = attempt;
  }
}
