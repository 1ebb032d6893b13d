import type { DiskChain } from '../disk/goldenDisk.js';
import { type Netdev, netdevFor } from './netdev.js';

/**
 * The virtual devices, as the JSON that both the command line and QMP take. Addresses are fixed, because a frozen
 * device state finds its device by address: a machine that resumes it must have the same ones.
 */

export type DeviceProperties = Readonly<Record<string, unknown>>;

const SLOT = { rootDisk: 3, scsi: 4, serial: 5, random: 6, network: 7, firstAdded: 16 } as const;

/** Slots 16 to 31 of the one PCI bus. */
export const ADDED_DEVICE_LIMIT = 16;

/** Name in the guest's SCSI inquiry by which the daemon finds the configuration drive. */
const CONFIGURATION_DRIVE = 'vmplants-config';
const CLIENT_DRIVE = 'vmplants-client';

export const CONFIGURATION_DRIVE_ID = 'cd0';
export const CLIENT_DRIVE_ID = 'cd1';

function pciAddress(slot: number): string {
  return `${slot.toString(16).padStart(2, '0')}.0`;
}

/**
 * Block nodes of a disk. The whole chain is spelled out and ends in null, so that nothing that an image says of its
 * backing file is ever followed. Flushes end at the host's page cache: a clone's disk has to survive the end of the
 * monitor, not of the host, where the machine dies too; what is frozen is synced by `freeze`.
 */
export function diskNode(name: string, chain: DiskChain): DeviceProperties {
  const backing = chain.slice(1).reduceRight<DeviceProperties | null>(
    (below, file) => ({
      driver: 'qcow2',
      'read-only': true,
      file: { driver: 'file', filename: file, 'read-only': true },
      backing: below,
    }),
    null,
  );
  const cache = { direct: false, 'no-flush': true };
  return {
    'node-name': name,
    driver: 'qcow2',
    discard: 'unmap',
    cache,
    file: { driver: 'file', filename: chain[0], discard: 'unmap', cache },
    backing,
  };
}

/** A medium for a CD drive. */
export function mediumNode(name: string, file: string): DeviceProperties {
  return {
    'node-name': name,
    driver: 'raw',
    'read-only': true,
    file: { driver: 'file', filename: file, 'read-only': true },
  };
}

export function rootDisk(node: string): DeviceProperties {
  return { driver: 'virtio-blk-pci', id: 'root-disk', drive: node, addr: pciAddress(SLOT.rootDisk) };
}

export function scsiController(): DeviceProperties {
  return { driver: 'virtio-scsi-pci', id: 'scsi0', addr: pciAddress(SLOT.scsi) };
}

/** SCSI target 0. Always there, empty until an ISO is delivered. */
export function configurationDrive(): DeviceProperties {
  return cdDrive(CONFIGURATION_DRIVE_ID, 0, CONFIGURATION_DRIVE, undefined);
}

/** SCSI target 1: the client's ISO, where a host action gave one. */
export function clientDrive(mediumNodeName: string | undefined): DeviceProperties {
  return cdDrive(CLIENT_DRIVE_ID, 1, CLIENT_DRIVE, mediumNodeName);
}

function cdDrive(id: string, target: number, serial: string, medium: string | undefined): DeviceProperties {
  return {
    driver: 'scsi-cd',
    id,
    bus: 'scsi0.0',
    channel: 0,
    'scsi-id': target,
    lun: 0,
    serial,
    device_id: serial,
    ...(medium === undefined ? {} : { drive: medium }),
  };
}

export function serialController(): DeviceProperties {
  return { driver: 'virtio-serial-pci', id: 'serial0', max_ports: 2, addr: pciAddress(SLOT.serial) };
}

export function guestPort(chardev: string, name: string): DeviceProperties {
  return { driver: 'virtserialport', id: 'guest-port', bus: 'serial0.0', nr: 1, chardev, name };
}

export function randomDevice(backend: string): DeviceProperties {
  return { driver: 'virtio-rng-pci', id: 'random0', rng: backend, addr: pciAddress(SLOT.random) };
}

export function generationDevice(generationId: string): DeviceProperties {
  return { driver: 'vmgenid', id: 'generation0', guid: generationId };
}

/** The interface of the order's network. */
export function networkInterface(netdev: Netdev, mac: string): DeviceProperties {
  return interfaceAt(SLOT.network, 'nic0', netdev, mac);
}

/** @param index position among the added disks and interfaces, from 0, in the order in which they were added */
export function addedDisk(index: number, node: string, serial: string): DeviceProperties {
  return {
    driver: 'virtio-blk-pci',
    id: `added${index}`,
    drive: node,
    serial,
    addr: pciAddress(SLOT.firstAdded + index),
  };
}

/** @param index position among the added disks and interfaces, from 0, in the order in which they were added */
export function addedInterface(index: number, netdev: Netdev, mac: string): DeviceProperties {
  return interfaceAt(SLOT.firstAdded + index, `added${index}`, netdev, mac);
}

/** Hub of an added interface; the first hub is that of the order's network. */
export function addedNetdev(index: number): Netdev {
  return netdevFor(index + 1);
}

export function addedNodeName(index: number): string {
  return `added${index}-node`;
}

/** Without a boot ROM: nothing boots from the network, and the ROM would be half a megabyte of frozen state. */
function interfaceAt(slot: number, id: string, netdev: Netdev, mac: string): DeviceProperties {
  return { driver: 'virtio-net-pci', id, netdev: netdev.id, mac, addr: pciAddress(slot), romfile: '' };
}
