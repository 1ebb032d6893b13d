import { VmplantsError } from '../../model/errors.js';

/** The files of a guest's disk belong to its users, and only root can give files away. */
export function requireRoot(): void {
  if (process.getuid?.() === 0) return;
  throw new VmplantsError('FAILED_PRECONDITION', 'assembling a base disk needs root', {
    reason: 'ROOT_NEEDED',
    hint: 'run the command with sudo, or inside unshare --map-root-user',
  });
}
