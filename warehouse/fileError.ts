import { type ErrorCode, VmplantsError } from '../model/errors.js';

const CODES: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'NOT_FOUND',
  ENOTDIR: 'NOT_FOUND',
  EEXIST: 'ALREADY_EXISTS',
  ENOTEMPTY: 'ALREADY_EXISTS',
  ELOOP: 'FAILED_PRECONDITION',
  ENOSPC: 'RESOURCE_EXHAUSTED',
  EDQUOT: 'RESOURCE_EXHAUSTED',
  EMFILE: 'RESOURCE_EXHAUSTED',
  ENFILE: 'RESOURCE_EXHAUSTED',
  EACCES: 'PERMISSION_DENIED',
  EPERM: 'PERMISSION_DENIED',
  EROFS: 'PERMISSION_DENIED',
  EIO: 'DATA_LOSS',
};

const FOUND: Readonly<Record<string, string>> = {
  ENOENT: 'found no such file',
  EEXIST: 'found something there already',
  ELOOP: 'expected a regular file; found a symbolic link',
  ENOSPC: 'found no space left on the device',
  EDQUOT: 'found the disk quota used up',
  EACCES: 'found no permission',
  EPERM: 'found it not permitted',
  EROFS: 'found a read-only file system',
  EIO: 'found a device error',
};

/** The system's name of a failed file operation, for example `ENOENT`; undefined for any other error. */
export function errnoOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}

/**
 * A failed file operation as a typed error. `what` says what was being done to which file, in the warehouse's
 * terms (`debian-12/disk.qcow2`): the system's own text holds absolute paths, so it stays in the cause.
 */
export function fileError(thrown: unknown, what: string): unknown {
  const errno = errnoOf(thrown);
  const code = errno === undefined ? undefined : CODES[errno];
  if (thrown instanceof VmplantsError || errno === undefined || code === undefined) return thrown;
  return new VmplantsError(code, `${what}: ${FOUND[errno] ?? `failed with ${errno}`}`, {
    reason: `FILE_${errno}`,
    cause: thrown,
  });
}
