import type { LocatedImage } from '../../model/goldenImage.js';
import { rehearse } from '../bake/rehearse.js';
import { bootUntilReady } from '../configure/bootUntilReady.js';
import { newMacs, type RandomBytes, uuid } from '../configure/identity.js';
import type { CloneSpec, Machine, ProductionLine } from '../line/line.js';
import type { PlantParts } from '../parts.js';
import { cloneDirectory, interfacesOf } from '../produce/attempt.js';
import { takenMacs } from '../takenMacs.js';
import { throwIfAborted, withDeadline } from '../untilAborted.js';
import { discardPrepared } from './discardPrepared.js';
import type { PreparedMachine, PreparePoint } from './prepared.js';

export type MakeParts = Pick<
  PlantParts,
  'info' | 'cloneRoot' | 'deadlines' | 'clock' | 'random' | 'log' | 'crashPoint' | 'lines'
>;

/** A machine that waits, and what drives it. */
export interface MadePrepared {
  readonly record: PreparedMachine;
  readonly machine: Machine;
}

/**
 * Resumes a clone, or boots one on the disk rung, ahead of any order and goes with it through what every order begins with, under an identity that is
 * thrown away: so its random state is its own, the guest's programs are in memory, and the emulator has translated
 * them. After an error nothing of it is left, or it is still recorded as being made, to be removed later.
 */
export async function makePrepared(
  parts: MakeParts,
  line: ProductionLine,
  point: PreparePoint,
  image: LocatedImage,
  signal: AbortSignal,
): Promise<MadePrepared> {
  const { info, deadlines } = parts;
  const { record, spec } = plan(parts, point, image);
  throwIfAborted(signal);
  info.prepared.insert(record);
  try {
    await parts.crashPoint('prepare:logged');
    await withDeadline(signal, deadlines.cloneMilliseconds, (within) => line.clone(spec, within));
    const machine = await withDeadline(signal, deadlines.startMilliseconds, (within) =>
      line.start(spec, within),
    );
    if (machine.process !== undefined) info.prepared.update(record.id, { process: machine.process });
    await parts.crashPoint('prepare:started');
    await rehearsed(parts, spec, machine, signal);
    await parts.crashPoint('prepare:done');
    throwIfAborted(signal);
    return { record: info.prepared.update(record.id, { state: 'waiting' }), machine };
  } catch (error) {
    const left = info.prepared.get(record.id);
    if (left !== undefined) await discardPrepared(parts, left);
    throw error;
  }
}

async function rehearsed(
  parts: MakeParts,
  spec: CloneSpec,
  machine: Machine,
  signal: AbortSignal,
): Promise<void> {
  const ended = new AbortController();
  void machine.exited.then(() => ended.abort(new Error('the monitor ended')));
  const either = AbortSignal.any([signal, ended.signal]);
  if (spec.rung === 'warm') await machine.run(either);
  else await bootUntilReady(machine, parts.deadlines.bootMilliseconds, either);
  await rehearse(parts, spec, spec.vmid, machine, either);
  await machine.withdraw(either);
}

function plan(
  parts: MakeParts,
  point: PreparePoint,
  image: LocatedImage,
): { readonly record: PreparedMachine; readonly spec: CloneSpec } {
  const { info, random } = parts;
  const id = newPreparedId(random);
  const directory = cloneDirectory(parts.cloneRoot, id);
  const macs = newMacs(interfacesOf(image.descriptor, point.network), takenMacs(info), random);
  const { rung, vcpus, memoryMiB, network } = point;
  return {
    record: { ...point, id, state: 'making', createdAt: parts.clock.now(), directory, macs },
    spec: {
      vmid: id,
      directory,
      image,
      rung,
      vcpus,
      memoryMiB,
      network,
      macs,
      generationId: uuid(random),
      purpose: 'vm',
    },
  };
}

/** Names of prepared machines, and so of their clones' directories, begin so; no VMID does. */
export const PREPARED_PREFIX = 'prepared-';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';
const LETTERS_IN_ID = 26;

/** 130 random bits: never given twice. */
function newPreparedId(random: RandomBytes): string {
  const letters = [...random(LETTERS_IN_ID)].map((byte) => LETTERS.charAt(byte % LETTERS.length));
  return PREPARED_PREFIX + letters.join('');
}
