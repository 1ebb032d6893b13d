import { type IsoFile, makeIso } from '../../guest/iso.js';
import { VmplantsError } from '../../model/errors.js';

/**
 * An ISO image of a client's files.
 * @throws VmplantsError INVALID_ARGUMENT when they do not fit on one
 */
export function packIso(label: string, files: readonly IsoFile[]): Uint8Array {
  try {
    return makeIso(label, files);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new VmplantsError(
      'INVALID_ARGUMENT',
      `the files of the actions do not fit on an ISO: ${error.message}`,
      {
        reason: 'ISO_LIMITS',
        cause: error,
      },
    );
  }
}

/** Whether a file with these permission bits may be executed: all that an ISO keeps of them. */
export function isExecutable(mode: number): boolean {
  return (mode & 0o111) !== 0;
}
