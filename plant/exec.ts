import { type FieldViolation, invalidArgument, VmplantsError } from '../model/errors.js';
import type { Clock } from './clock.js';
import type { RandomBytes } from './configure/identity.js';
import { guestBusy, runSession, type SessionDeadlines } from './configure/session.js';
import type { LiveMachine } from './machines.js';
import { createEventLog } from './produce/eventLog.js';
import { withDeadline } from './untilAborted.js';

export interface ExecWork {
  /** For `sh`, as root. */
  readonly script: string;
  /** 1 to 3600; 0 means the default. The wait for commands that came before counts. */
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
 * Runs one command in a guest, outside of any order. Commands for one guest take turns. When the signal is aborted,
 * the command is ended in the guest, too.
 * @throws VmplantsError INVALID_ARGUMENT; FAILED_PRECONDITION, GUEST_BUSY, when all of its time went by while another
 * command ran; DEADLINE_EXCEEDED when the guest falls silent
 */
export async function* execInGuest(
  live: LiveMachine,
  work: ExecWork,
  parts: { readonly random: RandomBytes; readonly deadlines: SessionDeadlines; readonly clock: Clock },
  signal: AbortSignal,
): AsyncGenerator<ExecEvent, void, undefined> {
  checkWork(work);
  const timeoutSeconds = work.timeoutSeconds === 0 ? DEFAULT_TIMEOUT_SECONDS : work.timeoutSeconds;
  const began = parts.clock.monotonic();
  const leave = await awaitTurn(live, timeoutSeconds * 1000, signal);
  // In whole seconds, as the guest counts; what is left is at least one.
  const waited = Math.min(timeoutSeconds - 1, Math.floor((parts.clock.monotonic() - began) / 1000));
  const events = createEventLog<ExecEvent>();
  const nonce = Buffer.from(parts.random(16)).toString('hex');
  const gone = new AbortController();
  void live.machine.exited.then(() => gone.abort(machineEnded()));
  const session = async (): Promise<void> => {
    const left = timeoutSeconds - waited;
    const result = await runSession(
      {
        guest: live.machine.guest,
        doorbell: { kind: 'exec', nonce, timeoutSeconds: left, script: work.script },
        timeoutsSeconds: [left],
        deadlines: parts.deadlines,
        onHeard: (heard) => {
          if (heard.kind === 'output') events.push({ kind: 'output', data: heard.data });
        },
      },
      AbortSignal.any([signal, gone.signal]),
    );
    const [ended] = result.actions;
    if (result.silent || ended === undefined) throw guestSilent();
    events.push({ kind: 'ended', status: ended.status, truncated: ended.truncated });
  };
  // The turn lasts until the guest is done, which may be later than its caller is.
  session().finally(leave).then(events.end, events.fail);
  yield* events.follow(signal);
}

async function awaitTurn(live: LiveMachine, milliseconds: number, signal: AbortSignal): Promise<() => void> {
  try {
    return await withDeadline(signal, milliseconds, live.guestTurn);
  } catch (error) {
    if (signal.aborted) throw error;
    throw guestBusy();
  }
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

function machineEnded(): VmplantsError {
  return new VmplantsError('UNAVAILABLE', 'the machine ended before the command did', {
    reason: 'MACHINE_ENDED',
  });
}

function guestSilent(): VmplantsError {
  return new VmplantsError('DEADLINE_EXCEEDED', 'the guest did not say how the command ended', {
    reason: 'GUEST_SILENT',
  });
}
