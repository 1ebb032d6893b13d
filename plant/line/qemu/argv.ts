import { join } from 'node:path';
import { GUEST_PORT_NAME } from '../../../guest/protocol.js';
import { CLONE_FILES } from './cloneFiles.js';
import type { CloneRecord } from './cloneRecord.js';
import {
  addedDisk,
  addedInterface,
  addedNetdev,
  addedNodeName,
  clientDrive,
  configurationDrive,
  type DeviceProperties,
  diskNode,
  generationDevice,
  guestPort,
  mediumNode,
  networkInterface,
  randomDevice,
  rootDisk,
  scsiController,
  serialController,
} from './devices.js';
import { atLeast, machineType, type QemuHost, TCG_CPU } from './host.js';
import { netdevFor } from './netdev.js';

/** Descriptor number at which `start` hands the monitor the frozen device state. */
export const DEVICE_STATE_DESCRIPTOR = 3;

/** Translated code kept per machine, in MiB, under emulation. */
const TRANSLATION_BUFFER_MIB = 64;

/**
 * The monitor's argument vector, the program's name not included. Pure: the same record and host give the same
 * arguments. Whatever holds a path travels as JSON, where no character has a second meaning.
 *
 * The machine always starts paused; with a frozen memory it waits for its device state on top of that.
 */
export function monitorArguments(record: CloneRecord, host: QemuHost): readonly string[] {
  const { spec } = record;
  const { boot } = spec.image.descriptor;
  const socket = (name: string): string => escapeCommas(join(spec.directory, name));
  return [
    ...['-name', `guest=${escapeCommas(spec.vmid)}`],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-vga', 'none'],
    ...['-machine', `${machineType(host.version)},memory-backend=mem,dump-guest-core=off`],
    ...acceleratorArguments(host),
    ...['-smp', `cpus=${spec.vcpus},sockets=1,cores=${spec.vcpus},threads=1`],
    ...['-m', `size=${spec.memoryMiB}M`],
    ...['-object', JSON.stringify(memoryBackend(record, host))],
    ...['-kernel', join(spec.image.directory, boot.kernel)],
    ...['-initrd', join(spec.image.directory, boot.initrd)],
    ...['-append', boot.commandLine],
    ...['-chardev', `socket,id=qmp,path=${socket(CLONE_FILES.qmpSocket)},server=on,wait=off`],
    ...['-mon', 'chardev=qmp,mode=control'],
    ...['-chardev', `socket,id=console,path=${socket(CLONE_FILES.consoleSocket)},server=on,wait=off`],
    ...['-serial', 'chardev:console'],
    ...blockdev(diskNode('root', record.rootDisk)),
    ...device(rootDisk('root')),
    ...device(scsiController()),
    ...device(configurationDrive()),
    ...clientDriveArguments(record),
    ...device(serialController()),
    ...['-chardev', `socket,id=guest,path=${socket(CLONE_FILES.guestSocket)},server=on,wait=off`],
    ...device(guestPort('guest', GUEST_PORT_NAME)),
    ...['-object', JSON.stringify({ 'qom-type': 'rng-builtin', id: 'rng' })],
    ...device(randomDevice('rng')),
    ...device(generationDevice(spec.generationId)),
    ...networkArguments(record),
    ...addedDeviceArguments(record),
    // A monitor that a guest has broken out of may not start programs or gain rights.
    ...['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
    '-S',
    ...(spec.rung === 'warm' ? ['-incoming', 'defer'] : []),
  ];
}

function acceleratorArguments(host: QemuHost): readonly string[] {
  if (host.accelerator === 'kvm') return ['-accel', 'kvm', '-cpu', 'host'];
  return ['-accel', `tcg,thread=multi,tb-size=${TRANSLATION_BUFFER_MIB}`, '-cpu', TCG_CPU];
}

/**
 * A VM maps the golden memory privately: its pages are shared with all siblings until written. A machine that is
 * made to be frozen maps a file of its own, shared, so that the file is its memory. A VM that boots has no file.
 */
function memoryBackend(record: CloneRecord, host: QemuHost): DeviceProperties {
  const size = record.spec.memoryMiB * 1024 * 1024;
  if (record.memoryFile === undefined) return { 'qom-type': 'memory-backend-ram', id: 'mem', size };
  const file = { 'qom-type': 'memory-backend-file', id: 'mem', size, 'mem-path': record.memoryFile };
  if (record.spec.purpose === 'bake') return { ...file, share: true };
  // From 8.2 QEMU can open the golden memory read-only and still give the guest writable, private pages.
  return atLeast(host.version, 8, 2)
    ? { ...file, share: false, readonly: true, rom: 'off' }
    : { ...file, share: false };
}

function clientDriveArguments(record: CloneRecord): readonly string[] {
  const iso = record.devices.findLast((one) => one.kind === 'iso');
  if (iso === undefined) return device(clientDrive(undefined));
  return [...blockdev(mediumNode('client-medium', iso.file)), ...device(clientDrive('client-medium'))];
}

function networkArguments(record: CloneRecord): readonly string[] {
  const mac = record.spec.macs[0];
  if (record.spec.network === 'none' || mac === undefined) return [];
  const netdev = netdevFor(0);
  return ['-netdev', JSON.stringify(netdev), ...device(networkInterface(netdev, mac))];
}

function addedDeviceArguments(record: CloneRecord): readonly string[] {
  return record.devices
    .filter((one) => one.kind !== 'iso')
    .flatMap((one, index) => {
      if (one.kind === 'disk') {
        const node = addedNodeName(index);
        return [...blockdev(diskNode(node, one.chain)), ...device(addedDisk(index, node, one.serial))];
      }
      const netdev = addedNetdev(index);
      return ['-netdev', JSON.stringify(netdev), ...device(addedInterface(index, netdev, one.mac))];
    });
}

function blockdev(node: DeviceProperties): readonly string[] {
  return ['-blockdev', JSON.stringify(node)];
}

function device(properties: DeviceProperties): readonly string[] {
  return ['-device', JSON.stringify(properties)];
}

/** QEMU's option lists read `,,` as a comma. */
function escapeCommas(text: string): string {
  return text.replaceAll(',', ',,');
}
