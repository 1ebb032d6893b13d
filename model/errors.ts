/**
 * The one error type of the project. Its code is the gRPC status that it becomes at an edge (see
 * `proto/status.ts`); its message says what was expected, what was found and what to do.
 */

/** The status codes that this system answers with, by their gRPC names. */
export type ErrorCode =
  | 'INVALID_ARGUMENT'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'FAILED_PRECONDITION'
  | 'RESOURCE_EXHAUSTED'
  | 'UNAVAILABLE'
  | 'DEADLINE_EXCEEDED'
  | 'CANCELLED'
  | 'ABORTED'
  | 'PERMISSION_DENIED'
  | 'UNAUTHENTICATED'
  | 'DATA_LOSS'
  | 'UNIMPLEMENTED'
  | 'INTERNAL';

/** One thing that is wrong with a request, at one place in it (google.rpc.BadRequest.FieldViolation). */
export interface FieldViolation {
  /** Path of the field, for example `dag.actions[2].after[0]`. */
  readonly field: string;
  /** What was expected and what was found. */
  readonly description: string;
}

/** How an action ended that made a creation fail. */
export interface ActionFailure {
  /** The client's name of the action. */
  readonly action: string;
  /** Exit status 0..255, 256+N for signal N, -1 when its time ran out. */
  readonly status: number;
  /** The end of what the action wrote (at most 4 KiB of it). */
  readonly outputTail: string;
}

export interface ErrorDetails {
  /** Stable upper-case word for programs (google.rpc.ErrorInfo.reason), for example `NO_MATCHING_IMAGE`. */
  readonly reason?: string;
  readonly violations?: readonly FieldViolation[];
  readonly actionFailure?: ActionFailure;
  /** What to do about it, in one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

export class VmplantsError extends Error {
  readonly code: ErrorCode;
  readonly reason: string | undefined;
  readonly violations: readonly FieldViolation[];
  readonly actionFailure: ActionFailure | undefined;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'VmplantsError';
    this.code = code;
    this.reason = details.reason;
    this.violations = details.violations ?? [];
    this.actionFailure = details.actionFailure;
    this.hint = details.hint;
  }
}

/** A request that is wrong at the given places. The message names the first. */
export function invalidArgument(violations: readonly FieldViolation[], hint?: string): VmplantsError {
  const first = violations[0];
  const message =
    first === undefined
      ? 'the request is not valid'
      : `${first.field === '' ? 'request' : first.field}: ${first.description}${violations.length > 1 ? ` (and ${violations.length - 1} more)` : ''}`;
  return new VmplantsError('INVALID_ARGUMENT', message, {
    reason: 'INVALID_REQUEST',
    violations,
    ...(hint === undefined ? {} : { hint }),
  });
}

/**
 * Any thrown value as a VmplantsError. An unexpected error becomes INTERNAL with a fixed text, because its own
 * may hold what a client must not see; the original stays reachable as the cause, for the log.
 */
export function asVmplantsError(thrown: unknown): VmplantsError {
  if (thrown instanceof VmplantsError) return thrown;
  if (thrown instanceof Error && thrown.name === 'AbortError') {
    return new VmplantsError('CANCELLED', 'the call was cancelled before it finished', { cause: thrown });
  }
  if (thrown instanceof Error && thrown.name === 'TimeoutError') {
    return new VmplantsError('DEADLINE_EXCEEDED', 'the call did not finish within its deadline', {
      cause: thrown,
    });
  }
  return new VmplantsError('INTERNAL', 'an unexpected error; the server log has its details', {
    cause: thrown,
  });
}
