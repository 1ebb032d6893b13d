import { Metadata, type StatusObject, status as statusCodes } from '@grpc/grpc-js';
import type { ActionFailure, ErrorCode, ErrorDetails, FieldViolation } from '../model/errors.js';
import { asVmplantsError, VmplantsError } from '../model/errors.js';
import { type FailedCall, libraryMessage } from './libraryStatus.js';
import { contracts } from './load.js';
import type { Logger } from './logger.js';

/** Trailer that carries a serialised google.rpc.Status. */
export const STATUS_DETAILS_KEY = 'grpc-status-details-bin';

const TYPE_PREFIX = 'type.googleapis.com/';
const ERROR_DOMAIN = 'vmplants';

/*
 * Trailers are HTTP/2 headers, and clients in other languages take no more than 8 KiB of them: the plain message
 * and the details (a third longer in base64) together stay below that, whatever an error has to say.
 */
const MAX_PLAIN_MESSAGE_BYTES = 900;
const MAX_MESSAGE_BYTES = 1200;
const MAX_DETAILS_BYTES = 5000;
const MAX_VIOLATION_TEXT_BYTES = 400;

/**
 * What is sent for anything thrown: the gRPC status with its google.rpc.Status details. An error that is not a
 * VmplantsError goes to the log with its text and to the client without it.
 */
export function toStatus(thrown: unknown, logger?: Logger): StatusObject {
  const error = asVmplantsError(thrown);
  if (error.code === 'INTERNAL') {
    logger?.error({ err: error.cause ?? error }, 'a call failed unexpectedly');
  }
  const metadata = new Metadata();
  metadata.set(STATUS_DETAILS_KEY, encodeDetails(error));
  return {
    code: statusCodes[error.code],
    details: boundEncodedText(error.message, MAX_PLAIN_MESSAGE_BYTES),
    metadata,
  };
}

/**
 * The VmplantsError behind what a call failed with: of this system's servers with all details, of any other with
 * code and text, and of the gRPC library itself in words for the caller, where the call is given. Whatever did not
 * come from gRPC is treated as `asVmplantsError` does.
 */
export function fromStatus(thrown: unknown, call?: FailedCall): VmplantsError {
  if (thrown instanceof VmplantsError) return thrown;
  if (!isStatus(thrown)) return asVmplantsError(thrown);
  const code = codeOf(thrown.code);
  const bytes = thrown.metadata?.get(STATUS_DETAILS_KEY)[0];
  const decoded = Buffer.isBuffer(bytes) ? decodeDetails(bytes) : undefined;
  if (decoded === undefined) {
    const said = call === undefined ? undefined : libraryMessage(code, thrown.details, call);
    const message = said ?? (thrown.details || 'the server gave no reason');
    return new VmplantsError(code, message, { cause: thrown });
  }
  return new VmplantsError(
    code,
    decoded.message || thrown.details || 'the server gave no reason',
    decoded.details,
  );
}

/** The name of a gRPC status number as this system uses it; what it never answers with is INTERNAL. */
export function codeOf(code: number): ErrorCode {
  const name = statusCodes[code];
  if (name === 'OUT_OF_RANGE') return 'INVALID_ARGUMENT';
  return isErrorCode(name) ? name : 'INTERNAL';
}

const ERROR_CODES: Readonly<Record<ErrorCode, true>> = {
  INVALID_ARGUMENT: true,
  NOT_FOUND: true,
  ALREADY_EXISTS: true,
  FAILED_PRECONDITION: true,
  RESOURCE_EXHAUSTED: true,
  UNAVAILABLE: true,
  DEADLINE_EXCEEDED: true,
  CANCELLED: true,
  ABORTED: true,
  PERMISSION_DENIED: true,
  UNAUTHENTICATED: true,
  DATA_LOSS: true,
  UNIMPLEMENTED: true,
  INTERNAL: true,
};

function isErrorCode(name: string | undefined): name is ErrorCode {
  return name !== undefined && Object.hasOwn(ERROR_CODES, name);
}

interface StatusLike {
  readonly code: number;
  readonly details: string;
  readonly metadata?: Metadata;
}

function isStatus(thrown: unknown): thrown is StatusLike {
  // The code alone does not tell: a DOMException has a number of that name too.
  return (
    typeof thrown === 'object' &&
    thrown !== null &&
    'code' in thrown &&
    typeof thrown.code === 'number' &&
    'details' in thrown &&
    typeof thrown.details === 'string'
  );
}

function encodeDetails(error: VmplantsError): Buffer {
  const { status, badRequest, errorInfo, help, actionFailure } = contracts().errors;
  const message = boundText(error.message, MAX_MESSAGE_BYTES);
  const details: { type_url: string; value: Buffer }[] = [];
  let room = MAX_DETAILS_BYTES - Buffer.byteLength(message) - 64;
  const add = (type: string, value: Buffer): void => {
    details.push({ type_url: `${TYPE_PREFIX}${type}`, value });
    room -= value.length + type.length + 64;
  };
  add(
    'google.rpc.ErrorInfo',
    errorInfo.serialize({ reason: error.reason ?? error.code, domain: ERROR_DOMAIN }),
  );
  if (error.hint !== undefined) {
    add('google.rpc.Help', help.serialize({ links: [{ description: boundText(error.hint, 500), url: '' }] }));
  }
  if (error.violations.length > 0) {
    add(
      'google.rpc.BadRequest',
      badRequest.serialize({ fieldViolations: violationsThatFit(error.violations, room) }),
    );
  }
  if (error.actionFailure !== undefined) {
    const failure = error.actionFailure;
    add(
      'vmplants.v1.ActionFailure',
      actionFailure.serialize({
        action: failure.action,
        status: failure.status,
        // The end of an output says most about a failure: what has to go, goes from the front.
        outputTail: lastBytes(failure.outputTail, Math.max(0, room - 128)),
      }),
    );
  }
  return status.serialize({ code: statusCodes[error.code], message, details });
}

function violationsThatFit(violations: readonly FieldViolation[], room: number): FieldViolation[] {
  const fitting: FieldViolation[] = [];
  let left = room;
  for (const violation of violations) {
    const bounded = {
      field: boundText(violation.field, MAX_VIOLATION_TEXT_BYTES),
      description: boundText(violation.description, MAX_VIOLATION_TEXT_BYTES),
    };
    left -= Buffer.byteLength(bounded.field) + Buffer.byteLength(bounded.description) + 16;
    if (left < 0) break;
    fitting.push(bounded);
  }
  return fitting;
}

interface DecodedDetails {
  readonly message: string;
  readonly details: ErrorDetails;
}

/** Undefined when the bytes are no google.rpc.Status; a detail of another system's is left out. */
function decodeDetails(bytes: Buffer): DecodedDetails | undefined {
  const { status, badRequest, errorInfo, help, actionFailure } = contracts().errors;
  let reason: string | undefined;
  let hint: string | undefined;
  let violations: readonly FieldViolation[] | undefined;
  let failure: ActionFailure | undefined;
  try {
    const decoded = status.deserialize(bytes);
    for (const any of decoded.details) {
      switch (any.type_url.slice(any.type_url.lastIndexOf('/') + 1)) {
        case 'google.rpc.ErrorInfo':
          reason = errorInfo.deserialize(any.value).reason;
          break;
        case 'google.rpc.Help':
          hint = help.deserialize(any.value).links[0]?.description;
          break;
        case 'google.rpc.BadRequest':
          violations = badRequest
            .deserialize(any.value)
            .fieldViolations.map(({ field, description }) => ({ field, description }));
          break;
        case 'vmplants.v1.ActionFailure': {
          const { action, status: exit, outputTail } = actionFailure.deserialize(any.value);
          failure = { action, status: exit, outputTail };
          break;
        }
        default:
          break;
      }
    }
    return {
      message: decoded.message,
      details: {
        ...(reason === undefined ? {} : { reason }),
        ...(hint === undefined ? {} : { hint }),
        ...(violations === undefined ? {} : { violations }),
        ...(failure === undefined ? {} : { actionFailure: failure }),
      },
    };
  } catch {
    // Details are an addition: a status without readable ones is still a status.
    return undefined;
  }
}

/** The text cut to so many bytes of UTF-8, at a character, marked where it was cut. Well-formed in any case. */
function boundText(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return bytes.toString();
  return `${bytes.subarray(0, characterStart(bytes, maxBytes - 3)).toString()}…`;
}

/** As `boundText`, where each byte that has to be percent-encoded counts for three. */
function boundEncodedText(text: string, maxBytes: number): string {
  const wellFormed = Buffer.from(text).toString();
  let length = 0;
  let kept = '';
  for (const character of wellFormed) {
    length += encodeURI(character).length;
    if (length > maxBytes - 9) return `${kept}…`;
    kept += character;
  }
  return kept;
}

/** The end of the text, at most so many bytes of it. */
function lastBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return bytes.toString();
  let start = bytes.length - maxBytes;
  while (start < bytes.length && isContinuation(bytes[start])) start += 1;
  return bytes.subarray(start).toString();
}

function characterStart(bytes: Buffer, index: number): number {
  let start = index;
  while (start > 0 && isContinuation(bytes[start])) start -= 1;
  return start;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
