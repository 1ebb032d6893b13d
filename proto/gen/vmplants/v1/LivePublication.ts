// Original file: proto/vmplants/v1/image.proto


/**
 * The VM as it is now: its disk is frozen while it runs and a copy of it is rid of the VM's identity. What was changed
 * by hand is recorded as an opaque action.
 */
export interface LivePublication {
  /**
   * Also take the VM's memory, with all programs that run in it. Without it the copy is booted, and the memory of that
   * boot is published.
   */
  'memory'?: (boolean);
  /**
   * A script for `sh` that removes from the copy what must not be in an image; it must end with status 0. At most
   * 64 KiB.
   */
  'scrub'?: (string);
  /**
   * Names of the VM's identity actions whose effect may stay in the image. Without a scrub script every identity
   * action, and every action after one, has to be named here: FAILED_PRECONDITION, reason IDENTITY_REMAINS.
   */
  'keep'?: (string)[];
}

/**
 * The VM as it is now: its disk is frozen while it runs and a copy of it is rid of the VM's identity. What was changed
 * by hand is recorded as an opaque action.
 */
export interface LivePublication__Output {
  /**
   * Also take the VM's memory, with all programs that run in it. Without it the copy is booted, and the memory of that
   * boot is published.
   */
  'memory': (boolean);
  /**
   * A script for `sh` that removes from the copy what must not be in an image; it must end with status 0. At most
   * 64 KiB.
   */
  'scrub': (string);
  /**
   * Names of the VM's identity actions whose effect may stay in the image. Without a scrub script every identity
   * action, and every action after one, has to be named here: FAILED_PRECONDITION, reason IDENTITY_REMAINS.
   */
  'keep': (string)[];
}
