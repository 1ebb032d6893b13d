import { join } from 'node:path';
import { openConsole } from '../../console.js';
import { throwIfAborted } from '../../untilAborted.js';
import { call } from '../call.js';
import type { OpenGuestChannel } from '../channel/guestChannel.js';
import type { Machine, MachineExit, ProcessIdentity } from '../line.js';
import { addDevice, changeMedium, removeMedium } from './addDevice.js';
import { CLONE_FILES } from './cloneFiles.js';
import type { CloneRecord } from './cloneRecord.js';
import { CONFIGURATION_DRIVE_ID } from './devices.js';
import { freeze } from './freeze.js';
import type { QemuHost } from './host.js';
import type { QmpClient } from './qmp.js';
import { runState } from './runState.js';
import { snapshot } from './snapshot.js';
import { stop } from './stop.js';

export interface MachineParts {
  readonly record: CloneRecord;
  readonly host: QemuHost;
  readonly process: ProcessIdentity;
  readonly exited: Promise<MachineExit>;
  readonly qmp: QmpClient;
  readonly guest: OpenGuestChannel;
  /** What has to be let go of beyond the connections. */
  release(): void;
}

/** A monitor that takes longer for one command hangs. */
const COMMAND_MILLISECONDS = 30_000;
/** Device state is small; what takes time is syncing a memory of some GiB to a slow disk. */
const FREEZE_MILLISECONDS = 600_000;
/** Copies what a disk of some GiB holds, and brings back what was written meanwhile. */
const SNAPSHOT_MILLISECONDS = 1_800_000;

/** The machine behind connected sockets, started or adopted. */
export function createMachine(parts: MachineParts): Machine {
  const { qmp, guest, process, exited } = parts;
  const { vmid, directory } = parts.record.spec;
  let record = parts.record;
  /** What changes the machine's devices and disks, or counts on them, is done one after the other. */
  let turn: Promise<unknown> = Promise.resolve();
  void exited.then(hangUp);

  function hangUp(): void {
    qmp.close();
    guest.close();
  }

  function inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const done = turn.then(() => {
      throwIfAborted(signal);
      return work();
    });
    turn = done.catch(() => undefined);
    return done;
  }

  return {
    vmid,
    process,
    guest,
    exited,
    openConsole: (signal) => openConsole(join(directory, CLONE_FILES.consoleSocket), signal),
    deliver: (isoFile, signal) =>
      call(`delivering to ${vmid}`, COMMAND_MILLISECONDS, signal, (until) =>
        changeMedium(qmp, CONFIGURATION_DRIVE_ID, isoFile, until),
      ),
    withdraw: (signal) =>
      call(`emptying the drive of ${vmid}`, COMMAND_MILLISECONDS, signal, (until) =>
        removeMedium(qmp, CONFIGURATION_DRIVE_ID, until),
      ),
    run: (signal) =>
      call(`running ${vmid}`, COMMAND_MILLISECONDS, signal, async (until) => {
        await qmp.execute('cont', {}, until);
      }),
    addDevice: (device, signal) =>
      call(`adding a device to ${vmid}`, COMMAND_MILLISECONDS, signal, (until) =>
        inTurn(until, async () => {
          record = await addDevice(qmp, record, device, until);
        }),
      ),
    stop: (graceMilliseconds, signal) =>
      call(`stopping ${vmid}`, graceMilliseconds + COMMAND_MILLISECONDS, signal, (until) =>
        stop(parts, graceMilliseconds, until),
      ),
    freeze: (signal) =>
      call(`freezing ${vmid}`, FREEZE_MILLISECONDS, signal, (until) => freeze({ ...parts, record }, until)),
    snapshot: (request, signal) =>
      call(`copying ${vmid}`, SNAPSHOT_MILLISECONDS, signal, (until) =>
        inTurn(until, () => snapshot({ ...parts, record }, request, until)),
      ),
    async responds(signal) {
      try {
        await call(`asking ${vmid}`, COMMAND_MILLISECONDS, signal, (until) => runState(qmp, until));
        return true;
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
