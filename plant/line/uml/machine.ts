import { closeSync, existsSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { VmplantsError } from '../../../model/errors.js';
import { throwIfAborted, untilAborted } from '../../untilAborted.js';
import { call } from '../call.js';
import type { OpenGuestChannel } from '../channel/guestChannel.js';
import type { Machine, MachineExit, ProcessIdentity } from '../line.js';
import { isAlive } from '../process/processIdentity.js';
import { placeDevice, removeMedium, requireMedium } from './addDevice.js';
import { CLONE_FILES } from './cloneFiles.js';
import type { CloneRecord } from './cloneRecord.js';
import { CONFIGURATION_DRIVE, medium } from './devices.js';
import type { ManagementConsole } from './mconsole.js';
import { openPipe } from './pipe.js';
import type { SerialConsole } from './serialConsole.js';
import { stop } from './stop.js';

export interface MachineParts {
  readonly record: CloneRecord;
  readonly process: ProcessIdentity;
  readonly exited: Promise<MachineExit>;
  readonly management: ManagementConsole;
  readonly guest: OpenGuestChannel;
  readonly serial: SerialConsole;
  /** What has to be let go of beyond the connections. */
  release(): void;
}

/** A machine that takes longer for one command hangs. */
const COMMAND_MILLISECONDS = 30_000;

/** The machine behind open pipes, started or adopted. */
export function createMachine(parts: MachineParts): Machine {
  const { management, guest, serial, process, exited } = parts;
  const { vmid, directory } = parts.record.spec;
  const goPipe = join(directory, CLONE_FILES.go);
  let record = parts.record;
  /** Devices that were asked for while the machine is paused, by drive or place: it starts with them. */
  const waiting = new Map<string, string>();
  /** What changes the machine's devices is done one after the other. */
  let turn: Promise<unknown> = Promise.resolve();
  void exited.then(hangUp);

  function hangUp(): void {
    guest.close();
    serial.close();
  }

  function inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const done = turn.then(() => {
      throwIfAborted(signal);
      return work();
    });
    turn = done.catch(() => undefined);
    return done;
  }

  const isPaused = (): boolean => existsSync(goPipe);

  /** Until the kernel takes new devices: earlier it answers, and is damaged by them. */
  function untilBooted(signal: AbortSignal): Promise<void> {
    return untilAborted(
      Promise.race([guest.heard, management.untilOld(signal), exited.then(() => undefined)]),
      signal,
    );
  }

  async function plug(configuration: string, drive: string | undefined, signal: AbortSignal): Promise<void> {
    if (isPaused()) {
      waiting.set(drive ?? configuration, configuration);
      return;
    }
    await untilBooted(signal);
    if (drive !== undefined) await removeMedium(management, drive, signal);
    await management.command(`config ${configuration}`, signal);
  }

  async function empty(drive: string, signal: AbortSignal): Promise<void> {
    if (isPaused()) {
      waiting.delete(drive);
      return;
    }
    await untilBooted(signal);
    await removeMedium(management, drive, signal);
  }

  function run(signal: AbortSignal): Promise<void> {
    return inTurn(signal, async () => {
      if (!isPaused()) return;
      letGo(goPipe, [...waiting.values()].join(' '));
      waiting.clear();
      await rm(goPipe, { force: true });
    });
  }

  return {
    vmid,
    process,
    guest,
    exited,
    openConsole: (signal) => serial.open(signal),
    deliver: (isoFile, signal) =>
      call(`delivering to ${vmid}`, COMMAND_MILLISECONDS, signal, (until) =>
        inTurn(until, async () => {
          await requireMedium(isoFile);
          await plug(medium(CONFIGURATION_DRIVE, isoFile), CONFIGURATION_DRIVE, until);
        }),
      ),
    withdraw: (signal) =>
      call(`emptying the drive of ${vmid}`, COMMAND_MILLISECONDS, signal, (until) =>
        inTurn(until, () => empty(CONFIGURATION_DRIVE, until)),
      ),
    run: (signal) => call(`running ${vmid}`, COMMAND_MILLISECONDS, signal, run),
    addDevice: (device, signal) =>
      call(`adding a device to ${vmid}`, COMMAND_MILLISECONDS, signal, (until) =>
        inTurn(until, async () => {
          const placed = await placeDevice(record, device);
          record = placed.record;
          await plug(placed.configuration, placed.drive, until);
        }),
      ),
    stop: (graceMilliseconds, signal) =>
      call(`stopping ${vmid}`, graceMilliseconds + COMMAND_MILLISECONDS, signal, (until) =>
        stop({ process, exited, guest, isPaused }, graceMilliseconds, until),
      ),
    freeze: (signal) => call(`freezing ${vmid}`, COMMAND_MILLISECONDS, signal, () => unimplemented('freeze')),
    snapshot: (_request, signal) =>
      call(`copying ${vmid}`, COMMAND_MILLISECONDS, signal, () => unimplemented('snapshot')),
    async responds(signal) {
      try {
        return await call(`asking ${vmid}`, COMMAND_MILLISECONDS, signal, async (until) => {
          if (!isAlive(process)) return false;
          if (!isPaused()) await management.untilAnswers(until);
          return true;
        });
      } catch {
        return false;
      }
    },
    release() {
      parts.release();
      hangUp();
    },
  };
}

/** Twice does no harm: the launcher reads one line and is gone. */
function letGo(goPipe: string, devices: string): void {
  const descriptor = openPipe(goPipe, false);
  try {
    writeSync(descriptor, `${devices}\n`);
  } finally {
    closeSync(descriptor);
  }
}

async function unimplemented(what: string): Promise<never> {
  throw new VmplantsError('UNIMPLEMENTED', `the production line uml has no ${what}`);
}
