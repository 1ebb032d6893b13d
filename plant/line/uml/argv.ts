import { join } from 'node:path';
import { CLONE_FILES, consoleDirectory, MACHINE_NAME } from './cloneFiles.js';
import type { CloneRecord } from './cloneRecord.js';
import { addedDisk, CLIENT_DRIVE, medium, modulesMedium, networkInterface, rootDisk } from './devices.js';
import { PROGRAM, type UmlHost } from './host.js';

/**
 * Process 1 of the machine's process namespace: waits for the line that lets the machine run, runs the kernel, and
 * ends with its status. The kernel itself cannot be process 1, which no signal of its own ends: a panic would spin for
 * ever. The line holds the devices that were asked for meanwhile, as further words for the kernel. A constant; all that
 * varies are its arguments.
 */
const LAUNCHER = 'read -r devices <&7 && "$@" "$devices" 7<&-; exit $?';

/** By this argument the machine in the directory is recognised. */
export function directoryArgument(directory: string): string {
  return `uml_dir=${consoleDirectory(directory)}/`;
}

/**
 * Arguments of `unshare` that start a program in namespaces of its own. Of processes: their end is the end of
 * everything in it, for example of guest programs, which would otherwise go on as programs of the host when the kernel
 * that traces them is killed. Of the network: no packet ever leaves.
 */
export function apart(host: Pick<UmlHost, 'asRoot'>): readonly string[] {
  return [
    ...(host.asRoot ? [] : ['--user', '--map-root-user']),
    ...['--net', '--pid', '--fork', '--kill-child'],
    '--',
  ];
}

/**
 * Arguments of `unshare` that start the machine, paused. Pure: the same record and host give the same arguments. Its
 * descriptors from 3 on are the pipes of `PIPES`.
 */
export function machineArguments(record: CloneRecord, host: UmlHost): readonly string[] {
  return [
    ...apart(host),
    PROGRAM.shell,
    '-c',
    LAUNCHER,
    'launch',
    host.binary,
    ...kernelArguments(record, host),
  ];
}

function kernelArguments(record: CloneRecord, host: UmlHost): readonly string[] {
  const { spec } = record;
  return [
    `mem=${spec.memoryMiB}M`,
    `umid=${MACHINE_NAME}`,
    directoryArgument(spec.directory),
    rootDisk(join(spec.directory, CLONE_FILES.disk), record.baseDisk),
    ...['root=/dev/ubda', 'rootfstype=ext4', 'rw'],
    ...deviceArguments(record),
    ...(host.modulesFile === undefined ? [] : [modulesMedium(host.modulesFile)]),
    ...['ssl0=fd:5,fd:6', 'ssl1=fd:3,fd:4', 'ssl=null', 'con=null', 'console=ttyS0'],
    // Not a directory, so a guest mounts nothing of the host, whatever path it appends. Against accidents: see
    // ARCHITECTURE.md on isolation.
    'hostfs=/dev/null',
    // 512 terminals of the old kind would cost a guest with udev seconds of its boot.
    ...[
      'noreboot',
      'quiet',
      'net.ifnames=0',
      'cryptomgr.notests',
      'pty.legacy_count=0',
      'random.trust_cpu=on',
    ],
  ];
}

function deviceArguments({ spec, devices }: CloneRecord): readonly string[] {
  const [first] = spec.network === 'none' ? [] : spec.macs;
  const interfaces = [
    ...(first === undefined ? [] : [first]),
    ...devices.flatMap((one) => (one.kind === 'network-interface' ? [one.mac] : [])),
  ];
  const disks = devices.filter((one) => one.kind === 'disk');
  const iso = devices.findLast((one) => one.kind === 'iso');
  return [
    ...interfaces.map((mac, index) => networkInterface(index, mac)),
    ...disks.map((disk, index) => addedDisk(index, disk)),
    ...(iso === undefined ? [] : [medium(CLIENT_DRIVE, iso.file)]),
  ];
}
