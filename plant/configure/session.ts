import type { HostMessage } from '../../guest/protocol.js';
import { asVmplantsError, VmplantsError } from '../../model/errors.js';
import type { GuestChannel } from '../line/line.js';
import { type Exchange, type ExchangeResults, type Heard, openExchange, type Renewed } from './exchange.js';

/**
 * How long the guest may be silent, from outside. They end a session with a guest that is gone; the action's own
 * time is kept inside the guest, and once more here with a margin.
 */
export interface SessionDeadlines {
  /** From the doorbell to `accepted`: the medium is found, read and verified. */
  readonly acceptMilliseconds: number;
  /** From `accepted` to `renewed`. */
  readonly renewMilliseconds: number;
  /** Between two actions and before `done`, and on top of every action's own time. */
  readonly marginMilliseconds: number;
}

/** How long a guest may take to end a cancelled command: its own grace of two seconds, and time to say so. */
const CANCEL_MILLISECONDS = 5_000;

export interface SessionRequest {
  readonly guest: GuestChannel;
  /** The message that starts it: `configure` or `exec`. */
  readonly doorbell: Extract<HostMessage, { kind: 'configure' | 'exec' }>;
  /** What the guest must read back, where an identity was sent. */
  readonly identity?: ExpectedIdentity;
  /** Time of every action in seconds, in order. */
  readonly timeoutsSeconds: readonly number[];
  readonly deadlines: SessionDeadlines;
  /** Called for every message that fitted. */
  readonly onHeard?: (heard: Heard) => void;
}

export interface ExpectedIdentity {
  readonly hostname: string;
  readonly machineId: string;
  readonly bootId: string;
  readonly mac: string | undefined;
  /** Hexadecimal SHA-256 of the public host key; a guest without SSH has none to confirm. */
  readonly sshHostKeyDigest: string;
}

export interface SessionResult extends ExchangeResults {
  /**
   * The guest fell silent while an action ran: that action's status is -1 and nothing is known of what it still
   * does. Its daemon may never answer again.
   */
  readonly silent: boolean;
}

/**
 * Rings the doorbell and follows what the guest says until it is done. One session at a time on a channel.
 *
 * @throws VmplantsError UNAVAILABLE, reason GUEST_SILENT, when the guest does not answer before any action ran;
 * FAILED_PRECONDITION, reason GUEST_REFUSED, when it refuses; reason IDENTITY_NOT_RENEWED when it reads back another
 * identity than was sent; reason GUEST_BUSY when it is at work for someone else; the signal's reason when aborted. An
 * `exec` that is aborted is cancelled in the guest, and this rejects when the guest is free again or does not say so
 * for a few seconds; the guest of a configuration is left at work: its machine is to be destroyed.
 */
export async function runSession(request: SessionRequest, signal: AbortSignal): Promise<SessionResult> {
  if (signal.aborted) throw asVmplantsError(signal.reason);
  // `exec` is its own proof; there is no manifest to accept.
  const exchange = openExchange({
    nonce: request.doorbell.nonce,
    renews: request.identity !== undefined,
    actions: request.timeoutsSeconds.length,
    accepts: request.doorbell.kind === 'configure',
  });
  return await follow(request, exchange, signal);
}

function follow(request: SessionRequest, exchange: Exchange, signal: AbortSignal): Promise<SessionResult> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      unsubscribe();
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    const abort = (): void => settle(() => reject(asVmplantsError(signal.reason)));
    const onAbort = (): void => {
      if (request.doorbell.kind !== 'exec') {
        abort();
        return;
      }
      clearTimeout(timer);
      // It is awaited for the sake of the next command, not of the process.
      timer = setTimeout(abort, CANCEL_MILLISECONDS).unref();
      const { nonce } = request.doorbell;
      request.guest.send({ kind: 'cancel', nonce }, AbortSignal.timeout(CANCEL_MILLISECONDS)).catch(abort);
    };
    const onDeadline = (): void =>
      settle(() => {
        const { kind } = exchange.phase();
        if (exchange.results().actions.length === 0 && kind !== 'running') {
          reject(guestSilent(kind));
          return;
        }
        exchange.cutShort();
        resolve({ ...exchange.results(), silent: true });
      });
    const restartTimer = (): void => {
      clearTimeout(timer);
      timer = setTimeout(onDeadline, silenceAllowed(exchange, request));
    };
    const unsubscribe = request.guest.subscribe((message) => {
      const heard = exchange.take(message);
      if (heard === undefined) return;
      if (signal.aborted) {
        if (heard.kind === 'done' || heard.kind === 'refused') abort();
        return;
      }
      if (heard.kind === 'refused') {
        settle(() => reject(guestRefused(heard.reason)));
        return;
      }
      if (heard.kind === 'renewed') {
        const difference = differenceOf(heard.renewed, request.identity);
        if (difference !== undefined) {
          settle(() => reject(identityNotRenewed(difference)));
          return;
        }
      }
      // Output and attributes do not lengthen an action's time.
      if (heard.kind !== 'output' && heard.kind !== 'attribute') restartTimer();
      request.onHeard?.(heard);
      if (heard.kind === 'done') settle(() => resolve({ ...exchange.results(), silent: false }));
    });
    signal.addEventListener('abort', onAbort, { once: true });
    restartTimer();
    // Subscribed before it is sent: the answer may come at once.
    request.guest.send(request.doorbell, signal).catch((error: unknown) => {
      // An aborted `exec` may have reached the guest all the same: its cancellation is under way.
      if (!signal.aborted) settle(() => reject(asVmplantsError(error)));
    });
  });
}

function silenceAllowed(exchange: Exchange, request: SessionRequest): number {
  const { deadlines } = request;
  const phase = exchange.phase();
  switch (phase.kind) {
    case 'rung':
      return deadlines.acceptMilliseconds;
    case 'renewing':
      return deadlines.renewMilliseconds;
    case 'running':
      return (request.timeoutsSeconds[phase.index] ?? 0) * 1000 + deadlines.marginMilliseconds;
    default:
      return deadlines.marginMilliseconds;
  }
}

/** Name of the first thing that the guest has otherwise than it was sent. */
function differenceOf(renewed: Renewed, sent: ExpectedIdentity | undefined): string | undefined {
  if (sent === undefined) return undefined;
  if (renewed.hostname !== sent.hostname) return 'hostname';
  if (renewed.machineId !== sent.machineId) return 'machine id';
  if (renewed.bootId !== sent.bootId) return 'boot id';
  if (sent.mac !== undefined && renewed.mac !== sent.mac) return 'network address';
  if (renewed.sshHostKeyDigest !== undefined && renewed.sshHostKeyDigest !== sent.sshHostKeyDigest) {
    return 'SSH host key';
  }
  return undefined;
}

function guestSilent(phase: string): VmplantsError {
  const what =
    phase === 'rung'
      ? 'accept its configuration'
      : phase === 'renewing'
        ? 'confirm its new identity'
        : 'start its first action';
  return new VmplantsError('UNAVAILABLE', `the guest did not ${what} in time`, { reason: 'GUEST_SILENT' });
}

/** Another command runs in the guest, or its end has not been heard of. */
export function guestBusy(): VmplantsError {
  return new VmplantsError('FAILED_PRECONDITION', 'another command runs in this VM', {
    reason: 'GUEST_BUSY',
    hint: 'Commands in one VM take turns: try again when the other has ended.',
  });
}

function guestRefused(reason: string): VmplantsError {
  // The daemon's words, see begin_job in main.c; its nonce means nothing to a client.
  if (reason.startsWith('busy with ')) return guestBusy();
  return new VmplantsError('FAILED_PRECONDITION', `the guest refused: ${printable(reason)}`, {
    reason: 'GUEST_REFUSED',
  });
}

function identityNotRenewed(what: string): VmplantsError {
  return new VmplantsError('FAILED_PRECONDITION', `the guest has not taken on its new ${what}`, {
    reason: 'IDENTITY_NOT_RENEWED',
  });
}

/** A guest's text in a message of ours: printable ASCII, at most 200 characters. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
}
