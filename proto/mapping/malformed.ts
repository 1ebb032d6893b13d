import { VmplantsError } from '../../model/errors.js';

/** What another server answered is not what its contract says. `what` names the message and the field. */
export function malformed(what: string, found: unknown): VmplantsError {
  const shown = JSON.stringify(String(found).slice(0, 80));
  return new VmplantsError('DATA_LOSS', `a malformed answer: ${what}, found ${shown}`, {
    reason: 'MALFORMED_ANSWER',
    hint: 'client and server may be of different versions',
  });
}
