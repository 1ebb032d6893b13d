import { randomBytes } from 'node:crypto';
import { runSession } from '../../plant/configure/session.js';
import type { Machine } from '../../plant/line/line.js';
import { DEFAULT_DEADLINES } from '../../plant/parts.js';

const TIMEOUT_SECONDS = 60;

/** Runs a script in the guest and gives what it wrote. Rejects unless it ends with status 0. */
export async function guestScript({ guest }: Machine, script: string, signal: AbortSignal): Promise<string> {
  const nonce = randomBytes(16).toString('hex');
  const { actions } = await runSession(
    {
      guest,
      doorbell: { kind: 'exec', nonce, timeoutSeconds: TIMEOUT_SECONDS, script },
      timeoutsSeconds: [TIMEOUT_SECONDS],
      deadlines: DEFAULT_DEADLINES,
    },
    signal,
  );
  const [ended] = actions;
  const said = Buffer.from(ended?.output ?? []).toString('utf8');
  if (ended?.status !== 0)
    throw new Error(`a script in the guest ended with status ${ended?.status}: ${said}`);
  return said;
}
