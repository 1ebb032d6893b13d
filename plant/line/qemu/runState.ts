import { VmplantsError } from '../../../model/errors.js';
import type { QmpClient } from './qmp.js';

/** QEMU's word for what the machine does, for example `running`, `paused` or `postmigrate`. */
export async function runState(qmp: QmpClient, signal: AbortSignal): Promise<string> {
  const answer = await qmp.execute('query-status', {}, signal);
  return typeof answer === 'object' && answer !== null && 'status' in answer ? String(answer.status) : '';
}

/** Whether the virtual processors run. */
export async function isRunning(qmp: QmpClient, signal: AbortSignal): Promise<boolean> {
  return (await runState(qmp, signal)) === 'running';
}

/** @throws VmplantsError FAILED_PRECONDITION unless the machine runs */
export async function requireRunning(vmid: string, qmp: QmpClient, signal: AbortSignal): Promise<void> {
  if (await isRunning(qmp, signal)) return;
  throw new VmplantsError(
    'FAILED_PRECONDITION',
    `${vmid}: expected a machine that runs, found one that is stopped`,
    {
      reason: 'NOT_RUNNING',
    },
  );
}
