import { join } from 'node:path';
import { VmplantsError } from '../../model/errors.js';
import type { AddedDevice, GoldenImage, LocatedImage } from '../../model/goldenImage.js';
import type { ReportProgress } from '../../model/progress.js';
import { copySparse } from '../../warehouse/copySparse.js';
import type { BakeParts } from '../bake/bakeParts.js';
import { linesServed } from '../bake/frozenImage.js';
import { guestBusy } from '../configure/session.js';
import type { VmHistory, VmRecord } from '../info/record.js';
import type { MachineSnapshot } from '../line/line.js';
import type { LiveMachine } from '../machines.js';
import { withDeadline } from '../untilAborted.js';
import { syncGuest } from './syncGuest.js';

export interface CopyRequest {
  readonly record: VmRecord;
  readonly history: VmHistory;
  readonly live: LiveMachine;
  /** What the VM was cloned from. */
  readonly image: LocatedImage;
  /** Absolute; empty, of the caller's. */
  readonly directory: string;
  readonly memory: boolean;
}

export interface MachineCopy {
  /** The copy, as an image that no warehouse holds: a machine can be made of it. */
  readonly image: LocatedImage;
  readonly pausedSeconds: number;
  /** Of the VM, as its guest says. */
  readonly machineId: string | undefined;
}

/** How long a command of the client's in the guest is waited for. */
const TURN_MILLISECONDS = 60_000;

/**
 * Copies a VM while it runs: its guest writes what it has to its disks, it stands still for a moment, and goes on.
 *
 * @throws VmplantsError FAILED_PRECONDITION: GUEST_BUSY when a command runs in the guest for longer than a minute;
 * DEVICE_OF_VM when an action of the VM's own has added a device, which no order could match; or what the line throws
 */
export async function copyMachine(
  parts: BakeParts,
  request: CopyRequest,
  progress: ReportProgress,
  signal: AbortSignal,
): Promise<MachineCopy> {
  const { live, directory, memory } = request;
  const leave = await awaitTurn(live, signal);
  try {
    const seconds = stopwatch(parts);
    const machineId = await syncGuest(
      live.machine.guest,
      parts.line.capabilities.runsPrograms,
      parts,
      signal,
    );
    progress({ phase: 'sync', message: 'the guest has written everything to its disks', seconds: seconds() });
    const copying = stopwatch(parts);
    // From then on others may talk to the guest again.
    const snapshot = await live.machine.snapshot({ directory, memory, onGoesOn: leave }, signal);
    const pausedSeconds = snapshot.pausedMilliseconds / 1000;
    progress(
      memory
        ? { phase: 'pause', message: 'the VM stood still and goes on', seconds: pausedSeconds }
        : { phase: 'pause', message: 'the disks are held as they are; the VM did not have to stand still' },
    );
    const image = await locate(request, snapshot, signal);
    progress({ phase: 'copy', message: 'copied beside the running VM', seconds: copying() - pausedSeconds });
    return { image, pausedSeconds, machineId };
  } finally {
    leave();
  }
}

async function awaitTurn(live: LiveMachine, signal: AbortSignal): Promise<() => void> {
  try {
    return await withDeadline(signal, TURN_MILLISECONDS, live.guestTurn);
  } catch (error) {
    if (signal.aborted) throw error;
    throw guestBusy();
  }
}

function stopwatch({ clock }: Pick<BakeParts, 'clock'>): () => number {
  const began = clock.monotonic();
  return () => (clock.monotonic() - began) / 1000;
}

/** Puts beside the snapshot what else a machine is made of, and describes it. */
async function locate(
  { record, history, image, directory }: CopyRequest,
  snapshot: MachineSnapshot,
  signal: AbortSignal,
): Promise<LocatedImage> {
  const { descriptor } = image;
  const devices = devicesOf(snapshot, history);
  const what = `a copy of ${record.vm.vmid}`;
  for (const file of new Set([descriptor.boot.kernel, descriptor.boot.initrd])) {
    await copySparse(join(image.directory, file), join(directory, file), what, signal);
  }
  for (const { device, isoFile } of devices) {
    if (device.kind === 'iso' && isoFile !== undefined) {
      await copySparse(isoFile, join(directory, device.file), what, signal);
    }
  }
  const base = baseOf(image);
  const copy: GoldenImage = {
    format: descriptor.format,
    name: descriptor.name,
    created: descriptor.created,
    operatingSystem: descriptor.operatingSystem,
    hardware: {
      isa: descriptor.hardware.isa,
      vcpus: record.vm.vcpus,
      memoryMiB: record.vm.memoryMiB,
      diskMiB: descriptor.hardware.diskMiB,
    },
    performed: history.performed,
    lines: linesServed(record.vm.line, descriptor.lines),
    disk: { file: snapshot.diskFile, format: 'qcow2', backingImage: base.name },
    ...(snapshot.memory === undefined
      ? {}
      : { memory: { ...snapshot.memory, guestKernel: descriptor.boot.guestKernel } }),
    boot: descriptor.boot,
    devices: devices.map(({ device }) => device),
    bootSeconds: descriptor.bootSeconds,
    files: [],
  };
  return { descriptor: copy, directory, backingDirectory: base.directory };
}

/** The image whose disk backs the copy's: the VM's image, or the one that this is a sibling over. */
function baseOf({ descriptor, directory, backingDirectory }: LocatedImage): {
  readonly name: string;
  readonly directory: string;
} {
  const { backingImage } = descriptor.disk;
  if (backingImage === undefined) return { name: descriptor.name, directory };
  if (backingDirectory === undefined) throw new Error('an image with a backing image knows where it is');
  return { name: backingImage, directory: backingDirectory };
}

interface CopiedDevice {
  readonly device: AddedDevice;
  readonly isoFile?: string;
}

function devicesOf(snapshot: MachineSnapshot, { performed }: VmHistory): readonly CopiedDevice[] {
  const recorded = new Set(performed.map(({ name }) => name));
  let isos = 0;
  return snapshot.devices.map((device): CopiedDevice => {
    const { action } = device;
    if (!recorded.has(action)) throw deviceOfVm(action);
    if (device.kind === 'iso') {
      isos += 1;
      return { device: { kind: 'iso', action, file: `medium-${isos}.iso` }, isoFile: device.isoFile };
    }
    if (device.kind === 'network-interface') return { device: { kind: 'network-interface', action } };
    const disk = snapshot.addedDisks.find((one) => one.action === action);
    if (disk === undefined) throw new Error(`the copy has no disk of action ${action}`);
    return { device: { kind: 'disk', action, file: disk.file, sizeMiB: disk.sizeMiB } };
  });
}

function deviceOfVm(action: string): VmplantsError {
  return new VmplantsError(
    'FAILED_PRECONDITION',
    `the device that action ${action} added belongs to this VM alone: an image with it would serve no request`,
    { reason: 'DEVICE_OF_VM', hint: 'Publish the recipe of the VM instead.' },
  );
}
