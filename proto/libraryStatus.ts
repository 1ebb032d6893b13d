/*
 * Errors that the gRPC library made itself, because no server answered. Its texts are for those who debug it
 * (`Deadline exceeded after 3.001s,metadata filters: 0.001s`): here they are said for those who made the call.
 */

/** What is known of the call that failed. */
export interface FailedCall {
  /** As the caller wrote it. */
  readonly address: string;
  readonly timeoutMilliseconds: number;
}

/** What the library says when it never had a connection. */
const NEVER_CONNECTED = /^(?:No connection established|Name resolution failed)/;

const WHY: readonly (readonly [RegExp, string])[] = [
  [/\bECONNREFUSED\b/, 'connection refused'],
  [/\bENOENT\b/, 'there is no such socket'],
  [/\bEACCES\b|\bEPERM\b/, 'not permitted'],
  [/\bEHOSTUNREACH\b|\bENETUNREACH\b/, 'no route to it'],
  [/\bETIMEDOUT\b/, 'it does not answer'],
  [/^Name resolution failed/, 'its host name is not known'],
];

/** The message for a status without details of this system's, by its name; undefined where the library's own is good. */
export function libraryMessage(code: string, text: string, call: FailedCall): string | undefined {
  if (code === 'DEADLINE_EXCEEDED') return `gave up waiting after ${call.timeoutMilliseconds / 1000} s`;
  if (code !== 'UNAVAILABLE') return undefined;
  if (!NEVER_CONNECTED.test(text)) return `the connection to ${call.address} was lost`;
  const why = WHY.find(([pattern]) => pattern.test(text))?.[1];
  return `nothing answers at ${call.address}${why === undefined ? '' : ` (${why})`}`;
}

/** Whether a call failed (see `Channel`) because its server was never reached: nothing of it was sent. */
export function neverConnected(error: Error): boolean {
  const { cause } = error;
  return (
    typeof cause === 'object' &&
    cause !== null &&
    'details' in cause &&
    typeof cause.details === 'string' &&
    NEVER_CONNECTED.test(cause.details)
  );
}
