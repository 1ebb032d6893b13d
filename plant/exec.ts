import { type FieldViolation, invalidArgument, VmplantsError } from '../model/errors.js';
import type { RandomBytes } from './configure/identity.js';
import { runSession, type SessionDeadlines } from './configure/session.js';
import type { LiveMachine } from './machines.js';
import { createEventLog } from './produce/eventLog.js';

export interface ExecWork {
  /** For `sh`, as root. */
  readonly script: string;
  /** 1 to 3600; 0 means the default. */
  readonly timeoutSeconds: number;
}

/** What a command in the guest writes, and how it ends; the end comes last. */
export type ExecEvent =
  | { readonly kind: 'output'; readonly data: Uint8Array }
  | { readonly kind: 'ended'; readonly status: number; readonly truncated: boolean };

const SCRIPT_LIMIT_BYTES = 8 * 1024;
const TIMEOUT_LIMIT_SECONDS = 3600;
const DEFAULT_TIMEOUT_SECONDS = 60;

/**
 * Runs one command in a guest, outside of any order. Commands for one guest take turns.
 * @throws VmplantsError INVALID_ARGUMENT; DEADLINE_EXCEEDED when the guest falls silent
 */
export async function* execInGuest(
  live: LiveMachine,
  work: ExecWork,
  parts: { readonly random: RandomBytes; readonly deadlines: SessionDeadlines },
  signal: AbortSignal,
): AsyncGenerator<ExecEvent, void, undefined> {
  checkWork(work);
  const timeoutSeconds = work.timeoutSeconds === 0 ? DEFAULT_TIMEOUT_SECONDS : work.timeoutSeconds;
  const events = createEventLog<ExecEvent>();
  const nonce = Buffer.from(parts.random(16)).toString('hex');
  const session = live.withGuest(async () => {
    const result = await runSession(
      {
        guest: live.machine.guest,
        doorbell: { kind: 'exec', nonce, timeoutSeconds, script: work.script },
        timeoutsSeconds: [timeoutSeconds],
        deadlines: parts.deadlines,
        onHeard: (heard) => {
          if (heard.kind === 'output') events.push({ kind: 'output', data: heard.data });
        },
      },
      signal,
    );
    const [ended] = result.actions;
    if (result.silent || ended === undefined) throw guestSilent();
    events.push({ kind: 'ended', status: ended.status, truncated: ended.truncated });
  });
  session.then(events.end, events.fail);
  yield* events.follow(signal);
}

function checkWork({ script, timeoutSeconds }: ExecWork): void {
  const violations: FieldViolation[] = [];
  const bytes = Buffer.byteLength(script);
  if (bytes === 0 || bytes > SCRIPT_LIMIT_BYTES) {
    violations.push({
      field: 'script',
      description: `expected 1 to ${SCRIPT_LIMIT_BYTES} bytes, found ${bytes}`,
    });
  }
  if (script.includes('\0')) violations.push({ field: 'script', description: 'expected text without NUL' });
  if (!Number.isInteger(timeoutSeconds) || timeoutSeconds < 0 || timeoutSeconds > TIMEOUT_LIMIT_SECONDS) {
    violations.push({
      field: 'timeout_seconds',
      description: `expected 0 to ${TIMEOUT_LIMIT_SECONDS}, found ${timeoutSeconds}`,
    });
  }
  if (violations.length > 0) throw invalidArgument(violations);
}

function guestSilent(): VmplantsError {
  return new VmplantsError('DEADLINE_EXCEEDED', 'the guest did not say how the command ended', {
    reason: 'GUEST_SILENT',
  });
}
