import type { RecordedDevice } from './cloneRecord.js';

/**
 * The virtual devices, as both the kernel's command line and the management console take them: `DEVICE=CONFIGURATION`.
 * Paths in them were checked by `checkPath`.
 *
 * Block devices have fixed places, which the guest's daemon knows: `ubda` root disk, `ubdb` configuration drive, `ubdc`
 * the client's medium, `ubdd` and on the added disks in their order, `ubdp` the kernel's modules.
 *
 * A file without one below it is given the flag `d`: otherwise the kernel looks for the header of a copy-on-write file
 * in it, and whoever writes such a header, a guest or the author of an ISO, can name any file of the host in it.
 */

export const CONFIGURATION_DRIVE = 'ubdb';
export const CLIENT_DRIVE = 'ubdc';
const FIRST_ADDED_DISK = 3;
const MODULES_DRIVE = 15;

/** Places between the client's medium and the modules. */
export const ADDED_DISK_LIMIT = MODULES_DRIVE - FIRST_ADDED_DISK;

function driveName(index: number): string {
  return `ubd${'abcdefghijklmnop'.charAt(index)}`;
}

export function rootDisk(cow: string, base: string): string {
  return `${driveName(0)}=${cow},${base}`;
}

/** A drive's medium, read-only. */
export function medium(drive: string, file: string): string {
  return `${drive}rd=${file}`;
}

export function modulesMedium(file: string): string {
  return medium(driveName(MODULES_DRIVE), file);
}

/** @param index position among the added disks, from 0 */
export function addedDisk(
  index: number,
  { cow, base, serial }: Extract<RecordedDevice, { kind: 'disk' }>,
): string {
  return `${driveName(FIRST_ADDED_DISK + index)}=${cow},${base},${serial}`;
}

/**
 * An interface on a tap device of the machine's own network namespace, from which nothing leads anywhere. It goes with
 * the machine.
 * @param index position among the machine's interfaces, from 0
 */
export function networkInterface(index: number, mac: string): string {
  return `eth${index}=tuntap,tap${index},${mac}`;
}
