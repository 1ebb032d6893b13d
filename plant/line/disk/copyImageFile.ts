import { execFile } from 'node:child_process';
import { asVmplantsError, VmplantsError } from '../../../model/errors.js';

/**
 * Copies a file, sharing its blocks where the file system can and leaving its holes holes: a memory is mostly holes.
 * Node has neither, so this is `cp`.
 */
export function copyImageFile(from: string, to: string, signal: AbortSignal): Promise<void> {
  const args = ['--sparse=always', '--reflink=auto', '--no-preserve=all', '--', from, to];
  return new Promise((resolve, reject) => {
    execFile('cp', args, { signal }, (error, _stdout, stderr) => {
      if (error === null) return resolve();
      if (signal.aborted) return reject(asVmplantsError(signal.reason));
      const full = stderr.includes('No space left');
      reject(
        new VmplantsError(
          full ? 'RESOURCE_EXHAUSTED' : 'INTERNAL',
          `copying a file of a golden image failed${full ? ': the disk is full' : ''}`,
          {
            reason: full ? 'HOST_SHORT' : 'COPY_FAILED',
            cause: new Error(stderr.slice(0, 500)),
          },
        ),
      );
    });
  });
}
