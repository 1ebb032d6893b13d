import { VmplantsError } from '../../model/errors.js';
import type { ExecEvent__Output } from '../../proto/gen/vmplants/v1/ExecEvent.js';

/** How a command ended. */
export interface ExecResult {
  /** Exit status 0..255, 256+N for signal N, -1 when its time ran out. */
  readonly status: number;
  /** The output was cut at 64 KiB. */
  readonly truncated: boolean;
}

/** Hands the output on as it comes and answers with how the command ended. */
export async function execute(
  events: AsyncIterable<ExecEvent__Output>,
  onOutput: ((data: Uint8Array) => Promise<void> | void) | undefined,
): Promise<ExecResult> {
  for await (const event of events) {
    if (event.event === 'output' && event.output !== undefined) await onOutput?.(event.output);
    if (event.event === 'ended' && event.ended != null) {
      return { status: event.ended.status, truncated: event.ended.truncated };
    }
  }
  throw new VmplantsError('DATA_LOSS', 'the shop ended the call without saying how the command ended');
}
