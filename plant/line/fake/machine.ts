import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { VmplantsError } from '../../../model/errors.js';
import type { LineEnvironment } from '../../../model/lineEnvironment.js';
import { throwIfAborted, untilAborted } from '../../untilAborted.js';
import { call } from '../call.js';
import { createQcow2 } from '../disk/qcow2.js';
import type { GuestChannel, Machine, MachineExit, NewDevice } from '../line.js';
import { fakeDevice, fakeDisk, writeFakeRecord } from './cloneRecord.js';
import type { FakeFailure } from './failure.js';
import { freeze } from './freeze.js';
import { KILLED, type RunningMachine } from './running.js';
import { snapshot } from './snapshot.js';

/** Nothing here takes long; see `call`. */
const CALL_MILLISECONDS = 60_000;

/** A hold on a running fake machine; there may be another after this one is released. */
export function createMachine(running: RunningMachine, environment: LineEnvironment): Machine {
  const { vmid } = running.record.spec;
  const unsubscribers = new Set<() => void>();
  let released = false;

  function check(step: FakeFailure): void {
    if (released || running.hasEnded()) throw gone(vmid);
    failIf(running.failure, step);
  }

  const guest: GuestChannel = {
    dropped: 0,
    async send(message, signal) {
      throwIfAborted(signal);
      if (released || running.hasEnded()) throw gone(vmid);
      running.send(message);
    },
    subscribe(listener) {
      const unsubscribe = running.subscribe(listener);
      unsubscribers.add(unsubscribe);
      return () => {
        unsubscribers.delete(unsubscribe);
        unsubscribe();
      };
    },
  };

  return {
    vmid,
    process: undefined,
    guest,
    exited: running.exited,
    openConsole: undefined,
    deliver: (isoFile, signal) =>
      call(`delivering to ${vmid}`, CALL_MILLISECONDS, signal, async () => {
        check('deliver');
        await checkIso(isoFile);
        running.medium = isoFile;
      }),
    withdraw: (signal) =>
      call(`emptying the drive of ${vmid}`, CALL_MILLISECONDS, signal, async () => {
        running.medium = undefined;
      }),
    run: (signal) =>
      call(`running ${vmid}`, CALL_MILLISECONDS, signal, async () => {
        check('run');
        running.run();
      }),
    addDevice: (device, signal) =>
      call(`adding a device to ${vmid}`, CALL_MILLISECONDS, signal, async () => {
        check('addDevice');
        await addDevice(running, device);
      }),
    stop: (graceMilliseconds, signal) =>
      call(`stopping ${vmid}`, graceMilliseconds + CALL_MILLISECONDS, signal, (until) =>
        stop(running, graceMilliseconds, until),
      ),
    freeze: (signal) =>
      call(`freezing ${vmid}`, CALL_MILLISECONDS, signal, async () => {
        check('freeze');
        return await freeze(running, environment);
      }),
    snapshot: (request, signal) =>
      call(`copying ${vmid}`, CALL_MILLISECONDS, signal, async (until) => {
        check('snapshot');
        return await snapshot(running, environment, request, until);
      }),
    async responds(signal) {
      return !(signal.aborted || released || running.hasEnded() || running.failure === 'hangs');
    },
    release() {
      released = true;
      for (const unsubscribe of unsubscribers) unsubscribe();
      unsubscribers.clear();
    },
  };
}

/** @throws VmplantsError UNAVAILABLE when this call is the one that was made to fail */
export function failIf(failure: FakeFailure | undefined, call: FakeFailure): void {
  if (failure !== call) return;
  throw new VmplantsError('UNAVAILABLE', `the fake line was told to fail at ${call}`, {
    reason: 'FAKE_FAILURE',
  });
}

async function stop(
  running: RunningMachine,
  graceMilliseconds: number,
  signal: AbortSignal,
): Promise<MachineExit> {
  if (graceMilliseconds > 0 && running.isRunning()) {
    running.send({ kind: 'stop' });
    const over = new AbortController();
    const grace = delay(graceMilliseconds, undefined, { signal: over.signal }).catch(() => undefined);
    await untilAborted(Promise.race([running.exited, grace]), signal).finally(() => over.abort());
  }
  running.end(KILLED);
  return await running.exited;
}

async function addDevice(running: RunningMachine, device: NewDevice): Promise<void> {
  if (device.kind === 'iso') await checkIso(device.isoFile);
  const { record } = running;
  const { directory } = record.spec;
  const disk = device.kind === 'disk' ? fakeDisk(device, record.addedDisks.length) : undefined;
  running.record = {
    ...record,
    addedDisks: disk === undefined ? record.addedDisks : [...record.addedDisks, disk],
    devices: [...record.devices, fakeDevice(device)],
  };
  if (disk !== undefined)
    await createQcow2(join(directory, disk.file), disk.sizeMiB * 1024 * 1024, undefined);
  await writeFakeRecord(running.record);
}

async function checkIso(isoFile: string): Promise<void> {
  const status = await lstat(isoFile).catch(() => undefined);
  if (status?.isFile() === true) return;
  throw new VmplantsError('FAILED_PRECONDITION', `${isoFile}: expected an ISO image, a regular file`, {
    reason: 'ISO_MISSING',
  });
}

function gone(vmid: string): VmplantsError {
  return new VmplantsError('UNAVAILABLE', `${vmid}: the machine has ended or was released`, {
    reason: 'GUEST_CHANNEL_CLOSED',
  });
}
