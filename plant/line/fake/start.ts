import { readFile } from 'node:fs/promises';
import { VmplantsError } from '../../../model/errors.js';
import { throwIfAborted } from '../../untilAborted.js';
import { imageFile } from '../disk/imageFile.js';
import type { CloneSpec } from '../line.js';
import { readFakeRecord } from './cloneRecord.js';
import type { FakeFailure } from './failure.js';
import { bootedGuest, type FakeGuestState, parseGuestState } from './guestState.js';
import { createRunningMachine, type RunningMachine } from './running.js';

export interface StartOptions {
  readonly timeScale: number;
  readonly bootMilliseconds: number;
}

/** Starts a fake machine, paused. */
export async function start(
  spec: CloneSpec,
  options: StartOptions,
  failure: FakeFailure | undefined,
  signal: AbortSignal,
): Promise<RunningMachine> {
  const record = await readFakeRecord(spec.directory);
  if (record === undefined || record.spec.vmid !== spec.vmid) {
    throw new VmplantsError(
      'FAILED_PRECONDITION',
      `${spec.directory}: expected the clone of ${spec.vmid}, found none`,
      {
        reason: 'NOT_CLONED',
        hint: 'clone before start',
      },
    );
  }
  const state = await initialState(spec);
  throwIfAborted(signal);
  return createRunningMachine({
    record,
    state,
    failure,
    timeScale: options.timeScale,
    bootMilliseconds: spec.rung === 'warm' ? undefined : options.bootMilliseconds,
    readMedium: (file) => readFile(file),
  });
}

async function initialState(spec: CloneSpec): Promise<FakeGuestState> {
  const { descriptor, directory } = spec.image;
  if (spec.rung === 'disk' || descriptor.memory === undefined)
    return bootedGuest(descriptor.boot.guestKernel);
  const file = await imageFile(directory, descriptor.memory.deviceStateFile);
  const state = parseGuestState(await readFile(file.path, 'utf8'));
  if (state !== undefined) return state;
  throw new VmplantsError('DATA_LOSS', 'the device state of the machine could not be transferred', {
    reason: 'DEVICE_STATE_UNUSABLE',
    hint: 'boot the disk of the golden image instead, and make the image again',
  });
}
