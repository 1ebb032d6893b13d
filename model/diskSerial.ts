/** Characters of a disk's serial number as the guest sees it (virtio-blk). */
export const DISK_SERIAL_LENGTH = 20;

/** Serial number of the disk that a host action adds: the action's name, cut. */
export function diskSerial(actionName: string): string {
  return actionName.slice(0, DISK_SERIAL_LENGTH);
}
