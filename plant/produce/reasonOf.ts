import { asVmplantsError, VmplantsError } from '../../model/errors.js';
import { ConfigurationError } from '../configure/configuration.js';

/** What the host has run out of, by the error number of the system call that noticed. */
const SHORTAGES: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EMFILE', 'too many files are open'],
  ['ENFILE', 'too many files are open on the host'],
  ['ENOMEM', 'there is no memory left'],
  ['EAGAIN', 'no more processes can be started'],
]);

/** Why a production failed, as its client may know it. A shortage of the host is RESOURCE_EXHAUSTED, HOST_SHORT. */
export function reasonOf(error: unknown): VmplantsError {
  if (error instanceof ConfigurationError) return error.cause;
  const shortage = error instanceof Error && 'code' in error ? SHORTAGES.get(String(error.code)) : undefined;
  if (shortage === undefined) return asVmplantsError(error);
  return new VmplantsError('RESOURCE_EXHAUSTED', `on the plant, ${shortage}`, {
    reason: 'HOST_SHORT',
    cause: error,
  });
}
