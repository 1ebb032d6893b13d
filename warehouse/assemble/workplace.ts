import { access, chmod, mkdtemp, rename, rm } from 'node:fs/promises';
import { VmplantsError } from '../../model/errors.js';

/** Where one assembling works. */
export interface Workplace {
  /** Absolute; becomes the target directory. */
  readonly result: string;
  /** Absolute; removed at the end. */
  readonly scratch: string;
}

/**
 * Does the work in two fresh directories beside the target and renames the result to it at the end. Whatever goes
 * wrong, nothing is left behind. Rejects with ALREADY_EXISTS when the target is there.
 */
export async function inWorkplace<T>(target: string, work: (place: Workplace) => Promise<T>): Promise<T> {
  await requireAbsent(target);
  const result = await mkdtemp(`${target}.result-`);
  const scratch = await mkdtemp(`${target}.scratch-`);
  try {
    const answer = await work({ result, scratch });
    await requireAbsent(target);
    await chmod(result, 0o755);
    await rename(result, target);
    return answer;
  } finally {
    await rm(scratch, { recursive: true, force: true });
    await rm(result, { recursive: true, force: true });
  }
}

async function requireAbsent(target: string): Promise<void> {
  const there = await access(target).then(
    () => true,
    () => false,
  );
  if (there) {
    throw new VmplantsError('ALREADY_EXISTS', `${target} exists already`, {
      reason: 'TARGET_EXISTS',
      hint: 'choose another directory or remove it',
    });
  }
}
