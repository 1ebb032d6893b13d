import { VmplantsError } from '../model/errors.js';

/** The error of a wrong request with the file's name before it; any other error as it is. */
export function aboutFile(error: VmplantsError, file: string): VmplantsError {
  if (error.code !== 'INVALID_ARGUMENT' || error.reason !== 'INVALID_REQUEST') return error;
  return new VmplantsError(error.code, `${file === '-' ? 'standard input' : file}: ${error.message}`, {
    reason: error.reason,
    violations: error.violations,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    cause: error,
  });
}

/** Does the work and names the file in what it finds wrong with the request. */
export async function named<Answer>(file: string, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (thrown) {
    throw thrown instanceof VmplantsError ? aboutFile(thrown, file) : thrown;
  }
}
