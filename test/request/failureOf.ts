import { VmplantsError } from '../../model/errors.js';
import { type RequestFormat, readRequest } from '../../request/readRequest.js';

/** What readRequest says against a text. Throws when it takes it or fails in another way than INVALID_ARGUMENT. */
export function failureOf(text: string | Uint8Array, format: RequestFormat): string {
  try {
    readRequest(bytesOf(text), format);
  } catch (error) {
    if (error instanceof VmplantsError && error.code === 'INVALID_ARGUMENT') return error.message;
    throw error;
  }
  throw new Error('expected a failure, found a value');
}

export function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === 'string' ? new TextEncoder().encode(text) : text;
}
