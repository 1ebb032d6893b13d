import { VmplantsError } from '../../model/errors.js';

/** The error of a call that has to fail. */
export async function failureOf(call: Promise<unknown>): Promise<VmplantsError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof VmplantsError) return error;
    throw error;
  }
  throw new Error('expected the call to fail; it did not');
}
