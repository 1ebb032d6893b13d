import { asVmplantsError } from '../../model/errors.js';
import { fileError } from '../../warehouse/fileError.js';
import { throwIfAborted, withDeadline } from '../untilAborted.js';

/**
 * What every call of a production line has in common: it does nothing when it was aborted before, it has a deadline
 * of its own behind the caller's signal, and it rejects with a VmplantsError and nothing else.
 * @param what what is being done, for the message of a failed file operation
 * @param milliseconds far beyond what the work takes on a host that is only busy
 */
export async function call<T>(
  what: string,
  milliseconds: number,
  signal: AbortSignal,
  work: (until: AbortSignal) => Promise<T>,
): Promise<T> {
  throwIfAborted(signal);
  try {
    return await withDeadline(signal, milliseconds, work);
  } catch (error) {
    throw asVmplantsError(fileError(error, what));
  }
}
