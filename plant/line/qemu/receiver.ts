import { lstat, mkdir, open, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readDiskHeader } from '../../../warehouse/disk.js';
import { createQcow2 } from '../disk/qcow2.js';
import { spawnMonitor } from '../process/monitorProcess.js';
import { killProcess, untilEnded } from '../process/processIdentity.js';
import { DEVICE_STATE_DESCRIPTOR, monitorArguments } from './argv.js';
import { CLONE_FILES, checkSocketPaths, RECEIVER_DIRECTORY } from './cloneFiles.js';
import type { CloneRecord, RecordedDevice } from './cloneRecord.js';
import { connectMonitor } from './connectMonitor.js';
import { saveDeviceState } from './deviceState.js';
import { findMonitor } from './findMonitor.js';
import type { QemuHost } from './host.js';
import { prepareMigration, watchMigration } from './migration.js';

/**
 * A machine's memory and devices come as one stream; a golden image wants the memory as a file that can be mapped, and
 * the devices beside it. So a second monitor, with the same machine in it, which never runs, loads the stream; its
 * memory is the file that is wanted, mapped and shared, in which what was never touched stays a hole.
 */
export interface SplitRequest {
  readonly record: CloneRecord;
  readonly host: QemuHost;
  /** Directory of the receiver, made by `makeReceiverDirectory`. */
  readonly receiver: string;
  readonly streamFile: string;
  /** The files to be made. */
  readonly memoryFile: string;
  readonly deviceStateFile: string;
}

/** Rejects with DATA_LOSS when the stream cannot be loaded. The second monitor has ended in any case. */
export async function splitStream(request: SplitRequest, signal: AbortSignal): Promise<void> {
  const { host, receiver, memoryFile } = request;
  const memory = await open(memoryFile, 'wx', 0o600);
  await memory.truncate(request.record.spec.memoryMiB * 1024 * 1024).finally(() => memory.close());
  const record = await receiverRecord(request.record, receiver, memoryFile);
  const stream = await open(request.streamFile, 'r');
  const args = monitorArguments(record, host);
  const monitor = await spawnMonitor({
    program: host.binary,
    args,
    directory: receiver,
    descriptors: [stream.fd],
    environment: {},
  }).finally(() => stream.close());
  try {
    // With the guest's channel connected, as it is in every machine that resumes.
    const { qmp, guest } = await connectMonitor(receiver, monitor, signal);
    const watch = watchMigration(qmp);
    try {
      await prepareMigration(qmp, { ignoreShared: false, pauseBeforeSwitchover: false }, signal);
      await qmp.execute('migrate-incoming', { uri: `fd:${DEVICE_STATE_DESCRIPTOR}` }, signal);
      await watch.until('completed', signal);
      const socket = join(receiver, CLONE_FILES.freezeSocket);
      await saveDeviceState(qmp, socket, request.deviceStateFile, signal);
    } finally {
      watch.close();
      qmp.close();
      guest.close();
    }
  } finally {
    killProcess(monitor.identity);
    await monitor.exited;
  }
}

/**
 * The same machine, so that its device state fits: other disks, empty ones of the same size, because it never reads
 * any, and no media in its drives.
 */
async function receiverRecord(
  record: CloneRecord,
  directory: string,
  memoryFile: string,
): Promise<CloneRecord> {
  const blank = async (disk: string): Promise<readonly [string]> => {
    const { virtualBytes } = await readDiskHeader(dirname(disk), basename(disk), 'clone');
    const file = join(directory, basename(disk));
    await createQcow2(file, virtualBytes, undefined);
    return [file];
  };
  const devices: RecordedDevice[] = [];
  for (const device of record.devices) {
    if (device.kind === 'disk') devices.push({ ...device, chain: await blank(device.chain[0]) });
    else if (device.kind === 'network-interface') devices.push(device);
  }
  return {
    ...record,
    spec: { ...record.spec, directory, rung: 'warm', purpose: 'bake' },
    rootDisk: await blank(record.rootDisk[0]),
    memoryFile,
    devices,
  };
}

/** Makes the directory in which memory of the clone's machine is received; gives its path. */
export async function makeReceiverDirectory(cloneDirectory: string): Promise<string> {
  const directory = receiverDirectory(cloneDirectory);
  checkSocketPaths(directory);
  await mkdir(directory, { mode: 0o700 });
  return directory;
}

/** Ends what receives memory of the clone's machine, by whichever process of the plant it was started, and removes it. */
export async function removeReceiver(
  cloneDirectory: string,
  host: QemuHost,
  signal: AbortSignal,
): Promise<void> {
  const directory = receiverDirectory(cloneDirectory);
  if ((await lstat(directory).catch(() => undefined)) === undefined) return;
  const running = findMonitor(directory, host.binary);
  if (running !== undefined) {
    killProcess(running);
    await untilEnded(running, signal);
  }
  await rm(directory, { recursive: true, force: true });
}

function receiverDirectory(cloneDirectory: string): string {
  return join(cloneDirectory, RECEIVER_DIRECTORY);
}
