import { VmplantsError } from '../../model/errors.js';
import type { ActionRun } from './configuration.js';
import { describeStatus } from './describeStatus.js';
import type { WalkEnd } from './walk.js';

/** Of the failed action's output, the last this many bytes go into the error. */
const TAIL_BYTES = 4096;

/** The error of a walk that was aborted: FAILED_PRECONDITION, ACTION_FAILED, with how the order's action ended. */
export function actionFailed(
  end: Extract<WalkEnd, { kind: 'aborted' }>,
  runs: readonly ActionRun[],
): VmplantsError {
  const last = runs.findLast((run) => run.path.length === 1 && run.path[0] === end.action);
  const handler = end.handlerPath.at(-1);
  const message =
    handler === undefined
      ? `action ${end.action} ${describeStatus(end.status)}`
      : `action ${end.action} ${describeStatus(end.status)}, and its error handler failed at ${handler}`;
  return new VmplantsError('FAILED_PRECONDITION', message, {
    reason: 'ACTION_FAILED',
    actionFailure: {
      action: end.action,
      status: end.status,
      outputTail: tailOf(last?.output ?? new Uint8Array()),
    },
  });
}

function tailOf(output: Uint8Array): string {
  return new TextDecoder().decode(output.subarray(Math.max(0, output.length - TAIL_BYTES)));
}
