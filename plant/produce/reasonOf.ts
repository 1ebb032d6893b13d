import { asVmplantsError, VmplantsError } from '../../model/errors.js';
import { ConfigurationError } from '../configure/configuration.js';

/** What the host has run out of, by the error number of the system call that noticed, or SQLite's name for it. */
const SHORTAGES: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EMFILE', 'too many files are open'],
  ['ENFILE', 'too many files are open on the host'],
  ['ENOMEM', 'there is no memory left'],
  ['EAGAIN', 'no more processes can be started'],
  ['SQLITE_FULL', 'the disk is full'],
  // Where too many files are open, and where the file cannot be made on a full disk.
  ['SQLITE_CANTOPEN', 'the store of records cannot be written'],
]);

/** Errors within errors that are looked at; more only a cycle has. */
const MAX_CAUSES = 10;

/**
 * Why a production failed, as its client may know it. A shortage of the host, however deep among the causes, is
 * RESOURCE_EXHAUSTED, HOST_SHORT: another plant may well make the VM.
 */
export function reasonOf(error: unknown): VmplantsError {
  if (error instanceof VmplantsError && error.reason === HOST_SHORT) return error;
  const shortage = shortageOf(error);
  if (shortage === undefined) {
    return error instanceof ConfigurationError ? error.cause : asVmplantsError(error);
  }
  return new VmplantsError('RESOURCE_EXHAUSTED', `on the plant, ${shortage}`, {
    reason: HOST_SHORT,
    cause: error,
  });
}

/** Whether the host lacks something that another clone would lack, too. */
export function isHostShort(reason: VmplantsError): boolean {
  return reason.code === 'RESOURCE_EXHAUSTED';
}

const HOST_SHORT = 'HOST_SHORT';

function shortageOf(thrown: unknown): string | undefined {
  let error = thrown;
  for (let depth = 0; depth < MAX_CAUSES && error instanceof Error; depth += 1) {
    if ('code' in error && typeof error.code === 'string') {
      const { code } = error;
      const shortage = SHORTAGES.get(code);
      if (shortage !== undefined) return shortage;
      // SQLite's names for a failed read, write or sync of its files, each with a suffix of its own.
      if (code.startsWith('SQLITE_IOERR')) return 'the store of records cannot be written';
    }
    error = error.cause;
  }
  return undefined;
}
