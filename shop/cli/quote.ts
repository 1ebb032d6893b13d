import { VmplantsError } from '../../model/errors.js';

/** Longest script of an ExecRequest, in bytes. */
const LONGEST_SCRIPT = 8 * 1024;

/**
 * An argument vector as a script for the guest's `sh` that runs exactly it: every argument in single quotes, so
 * that nothing in it is special there.
 * @throws VmplantsError INVALID_ARGUMENT for a NUL, or when it is too long
 */
export function scriptOf(command: readonly string[]): string {
  if (command.some((argument) => argument.includes('\0'))) {
    throw new VmplantsError('INVALID_ARGUMENT', 'the command: expected arguments without NUL characters', {
      reason: 'USAGE',
    });
  }
  const script = `exec ${command.map(quote).join(' ')}\n`;
  if (Buffer.byteLength(script) > LONGEST_SCRIPT) {
    throw new VmplantsError('INVALID_ARGUMENT', `the command: expected at most ${LONGEST_SCRIPT} bytes`, {
      reason: 'USAGE',
      hint: 'put the work into an action of the request, or into a file of the golden image',
    });
  }
  return script;
}

function quote(argument: string): string {
  return `'${argument.replaceAll("'", "'\\''")}'`;
}
