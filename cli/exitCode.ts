import type { VmplantsError } from '../model/errors.js';

/** Exit codes of both command lines: stable, documented in docs/cli.md. */
export const EXIT = {
  done: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  notAllowed: 4,
  noBid: 5,
  timeout: 6,
  unavailable: 7,
  interrupted: 130,
} as const;

/** Reasons (google.rpc.ErrorInfo.reason) that say that no plant made an offer, whatever the status code is. */
const NO_BID_REASONS: ReadonlySet<string> = new Set(['NO_MATCHING_IMAGE', 'NO_BID', 'PLANTS_FULL']);

/** The exit code that an error ends the program with. */
export function exitCodeOf(error: VmplantsError): number {
  if (error.reason !== undefined && NO_BID_REASONS.has(error.reason)) return EXIT.noBid;
  switch (error.code) {
    case 'INVALID_ARGUMENT':
      return EXIT.usage;
    case 'NOT_FOUND':
      return EXIT.notFound;
    case 'PERMISSION_DENIED':
    case 'UNAUTHENTICATED':
    case 'RESOURCE_EXHAUSTED':
      return EXIT.notAllowed;
    case 'DEADLINE_EXCEEDED':
      return EXIT.timeout;
    case 'UNAVAILABLE':
      return EXIT.unavailable;
    case 'CANCELLED':
      return EXIT.interrupted;
    default:
      return EXIT.failure;
  }
}
