import { join } from 'node:path';
import { withDeadline } from '../../untilAborted.js';
import type { MachineSnapshot, SnapshotRequest } from '../line.js';
import { CLONE_FILES } from './cloneFiles.js';
import type { CloneRecord } from './cloneRecord.js';
import { abandonCopies, copyDisks, prepareCopies } from './copyDisks.js';
import { addedDevices, frozenDisks, frozenMemory } from './frozen.js';
import type { QemuHost } from './host.js';
import { machineDisks } from './machineDisks.js';
import { migrateToFile } from './migrateToFile.js';
import { prepareOverlays, removeOverlays, useOverlays } from './overlays.js';
import type { QmpClient } from './qmp.js';
import { makeReceiverDirectory, removeReceiver, splitStream } from './receiver.js';
import { requireRunning } from './runState.js';
import { resumeInterrupted, sendsWhileRunning, switchover } from './switchover.js';

export interface SnapshotParts {
  readonly record: CloneRecord;
  readonly host: QemuHost;
  readonly qmp: QmpClient;
}

/** Bringing back what a machine wrote meanwhile takes as long as copying it. */
const UNDO_MILLISECONDS = 600_000;

/**
 * Copies a running machine, as `Machine.snapshot` says. Its disks are held still by overlays, which do not stop it;
 * its memory streams to a file, for which it stands still, and in that time the overlays come into use. The long part
 * is done while it runs: making what can be mapped of the stream, copying the disks, bringing the overlays' content back.
 */
export async function snapshot(
  parts: SnapshotParts,
  request: SnapshotRequest,
  signal: AbortSignal,
): Promise<MachineSnapshot> {
  const { record, qmp } = parts;
  await requireRunning(record.spec.vmid, qmp, signal);
  // A plant that ended in the middle of an earlier one may have left things behind.
  await tidy(parts, signal);
  try {
    return await take(parts, request, signal);
  } catch (error) {
    // What fails here was told by the error, or is put right by the next snapshot: the machine runs with it.
    await withDeadline(new AbortController().signal, UNDO_MILLISECONDS, (until) => tidy(parts, until)).catch(
      () => undefined,
    );
    throw error;
  }
}

async function take(
  parts: SnapshotParts,
  request: SnapshotRequest,
  signal: AbortSignal,
): Promise<MachineSnapshot> {
  const { record, host, qmp } = parts;
  const disks = machineDisks(record);
  const copies = await prepareCopies(record, request.directory, signal);
  await prepareOverlays(qmp, disks, signal);
  let pausedMilliseconds = 0;
  if (request.memory) {
    pausedMilliseconds = await takeMemory(parts, request, signal);
  } else {
    await useOverlays(qmp, disks, signal);
    request.onGoesOn?.();
  }
  await copyDisks(qmp, copies, signal);
  await removeOverlays(qmp, disks, signal);
  return {
    diskFile: CLONE_FILES.disk,
    addedDisks: frozenDisks(record),
    ...(request.memory ? { memory: frozenMemory(record, host) } : {}),
    devices: addedDevices(record),
    pausedMilliseconds,
  };
}

/** Also puts the overlays into use, at the moment that the memory is of. Gives how long the machine stood still. */
async function takeMemory(
  { record, host, qmp }: SnapshotParts,
  { directory, onGoesOn }: SnapshotRequest,
  signal: AbortSignal,
): Promise<number> {
  const receiver = await makeReceiverDirectory(record.spec.directory);
  const streamFile = join(receiver, 'stream');
  let paused = 0;
  const send = async (uri: string): Promise<void> => {
    const whileStopped = () => useOverlays(qmp, machineDisks(record), signal);
    paused = await switchover(qmp, { uri, whileRunning: sendsWhileRunning(host), whileStopped }, signal);
    onGoesOn?.();
  };
  await migrateToFile(join(receiver, CLONE_FILES.freezeSocket), streamFile, send, signal);
  await splitStream(
    {
      record,
      host,
      receiver,
      streamFile,
      memoryFile: join(directory, CLONE_FILES.memory),
      deviceStateFile: join(directory, CLONE_FILES.deviceState),
    },
    signal,
  );
  await removeReceiver(record.spec.directory, host, signal);
  return paused;
}

/** Lets the machine run and have its disks as they were, at whatever point a snapshot of it was cut off. */
async function tidy({ record, host, qmp }: SnapshotParts, signal: AbortSignal): Promise<void> {
  const disks = machineDisks(record);
  await resumeInterrupted(qmp, signal);
  await removeReceiver(record.spec.directory, host, signal);
  await abandonCopies(qmp, disks, signal);
  await removeOverlays(qmp, disks, signal);
}
