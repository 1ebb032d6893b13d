import { VmplantsError } from '../../../model/errors.js';
import { untilAborted } from '../../untilAborted.js';
import type { QmpClient } from './qmp.js';

/**
 * Runs a job on block nodes (QEMU's docs/interop/live-block-operations) to its end. A job that takes the place of a
 * disk when it has caught up is told to as soon as it says that it is ready. When the signal is aborted the job is left
 * to `cancelJob`.
 * Rejects with RESOURCE_EXHAUSTED when the host's disk is full, INTERNAL for what else a job ends with.
 * @param begin gives the command that starts it, under the same id
 */
export async function runJob(
  qmp: QmpClient,
  id: string,
  begin: () => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  let stopWatching: () => void = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    let error: string | undefined;
    let cancelled = false;
    const complete = (): void => {
      qmp.execute('block-job-complete', { device: id }, signal).catch(reject);
    };
    stopWatching = qmp.subscribe(({ event, data }) => {
      if (event === 'BLOCK_JOB_READY' && data.device === id) complete();
      if (event === 'BLOCK_JOB_CANCELLED' && data.device === id) cancelled = true;
      if (event === 'BLOCK_JOB_COMPLETED' && data.device === id && typeof data.error === 'string')
        error = data.error;
      // Only now does it hold no node any more.
      if (event !== 'JOB_STATUS_CHANGE' || data.id !== id || data.status !== 'null') return;
      if (error !== undefined) reject(jobFailed(error));
      else if (cancelled) reject(jobFailed('it was cancelled'));
      else resolve();
    });
    void qmp.closed.then(() => reject(jobFailed('the monitor ended')));
  });
  // Awaited below; until then a rejection has to count as handled.
  ended.catch(() => undefined);
  try {
    await begin();
    await untilAborted(ended, signal);
  } finally {
    stopWatching();
  }
}

/** Ends the job, if there is one of the name, without the effect that it was started for. Resolves when it is gone. */
export async function cancelJob(qmp: QmpClient, id: string, signal: AbortSignal): Promise<void> {
  let stopWatching: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => {
    stopWatching = qmp.subscribe(({ event, data }) => {
      if (event === 'JOB_STATUS_CHANGE' && data.id === id && data.status === 'null') resolve();
    });
    void qmp.closed.then(() => resolve());
  });
  try {
    if (!(await hasJob(qmp, id, signal))) return;
    // Refused when it has ended in the meantime, or is about to: either way it goes.
    await qmp.execute('block-job-cancel', { device: id, force: true }, signal).catch(() => undefined);
    await untilAborted(gone, signal);
  } finally {
    stopWatching();
  }
}

async function hasJob(qmp: QmpClient, id: string, signal: AbortSignal): Promise<boolean> {
  const jobs = await qmp.execute('query-jobs', {}, signal);
  return Array.isArray(jobs) && jobs.some((job: { readonly id?: unknown }) => job.id === id);
}

function jobFailed(why: string): VmplantsError {
  const full = why.includes('No space left');
  return new VmplantsError(
    full ? 'RESOURCE_EXHAUSTED' : 'INTERNAL',
    `copying a disk of a running machine failed${full ? ': the disk of the host is full' : ''}`,
    { reason: full ? 'HOST_SHORT' : 'DISK_JOB_FAILED', cause: new Error(why.slice(0, 500)) },
  );
}
