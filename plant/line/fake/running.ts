import { setTimeout as delay } from 'node:timers/promises';
import type { GuestMessage, HostMessage } from '../../../guest/protocol.js';
import type { MachineExit } from '../line.js';
import type { FakeCloneRecord } from './cloneRecord.js';
import type { FakeFailure } from './failure.js';
import { createFakeGuest, type FakeGuest } from './guest.js';
import type { FakeGuestState } from './guestState.js';

/**
 * A fake machine as it runs: what a monitor's process is to a real line. It lives as long as the line, also when
 * nobody holds a `Machine` of it any more.
 */
export interface RunningMachine {
  readonly failure: FakeFailure | undefined;
  readonly exited: Promise<MachineExit>;
  /** Record of the clone; replaced when a device is added. */
  record: FakeCloneRecord;
  /** File in the configuration drive. */
  medium: string | undefined;
  run(): void;
  /** Ends it at once. */
  end(exit: MachineExit): void;
  isRunning(): boolean;
  hasEnded(): boolean;
  /** To the guest; waits while the machine is paused. */
  send(message: HostMessage): void;
  subscribe(listener: (message: GuestMessage) => void): () => void;
  guestState(): FakeGuestState;
}

export interface RunningParts {
  readonly record: FakeCloneRecord;
  readonly state: FakeGuestState;
  readonly failure: FakeFailure | undefined;
  /** Real milliseconds for one of the guest's. */
  readonly timeScale: number;
  /** Guest milliseconds from `run` to `ready`; undefined for a resumed guest, which is ready already. */
  readonly bootMilliseconds: number | undefined;
  readonly readMedium: (file: string) => Promise<Buffer>;
}

/** What a guest does on the way down, in its own time. */
const SHUTDOWN_MILLISECONDS = 20;

export const KILLED: MachineExit = { status: undefined, signal: 'SIGKILL', message: '' };
export const POWERED_OFF: MachineExit = { status: 0, signal: undefined, message: '' };
const BROKEN: MachineExit = {
  status: 1,
  signal: undefined,
  message: 'fake monitor: made to end by itself\n',
};

export function createRunningMachine(parts: RunningParts): RunningMachine {
  const { failure } = parts;
  const listeners = new Set<(message: GuestMessage) => void>();
  const waiting: HostMessage[] = [];
  const ended = new AbortController();
  let running = false;
  let booted = parts.bootMilliseconds === undefined;
  let resolveExit: (exit: MachineExit) => void = () => undefined;
  const exited = new Promise<MachineExit>((resolve) => {
    resolveExit = resolve;
  });

  function end(exit: MachineExit): void {
    if (ended.signal.aborted) return;
    ended.abort();
    running = false;
    listeners.clear();
    resolveExit(exit);
  }

  async function pause(milliseconds: number): Promise<boolean> {
    await delay(milliseconds * parts.timeScale, undefined, { signal: ended.signal }).catch(() => undefined);
    return !ended.signal.aborted;
  }

  function say(message: GuestMessage): void {
    if (ended.signal.aborted || failure === 'silent' || failure === 'hangs') return;
    for (const listener of listeners) listener(message);
    if (failure === 'answers-twice') for (const listener of listeners) listener(message);
  }

  const guest: FakeGuest = createFakeGuest({
    state: parts.state,
    say,
    pause,
    medium: async () => (machine.medium === undefined ? undefined : await parts.readMedium(machine.medium)),
    keepsIdentity: failure === 'keeps-identity',
    onAction: () => {
      if (failure === 'ends-at-action') end(BROKEN);
    },
    powerOff: () => {
      if (failure === 'ignores-stop' || failure === 'hangs') return;
      void pause(SHUTDOWN_MILLISECONDS).then(() => end(POWERED_OFF));
    },
  });

  async function boot(): Promise<void> {
    if (parts.bootMilliseconds !== undefined && !booted) {
      if (!(await pause(parts.bootMilliseconds))) return;
      booted = true;
      guest.receive({ kind: 'hello' });
    }
    for (const message of waiting.splice(0)) guest.receive(message);
  }

  const machine: RunningMachine = {
    failure,
    exited,
    record: parts.record,
    medium: undefined,
    end,
    isRunning: () => running,
    hasEnded: () => ended.signal.aborted,
    guestState: () => guest.state(),
    run() {
      if (running || ended.signal.aborted) return;
      running = true;
      if (failure === 'ends-at-run') end(BROKEN);
      else void boot();
    },
    send(message) {
      if (running && booted) guest.receive(message);
      else waiting.push(message);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return machine;
}
