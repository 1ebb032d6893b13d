// Original file: proto/vmplants/v1/image.proto


/**
 * Machines that are kept resumed and waiting.
 */
export interface PreparedPoint {
  'image'?: (string);
  'memoryMib'?: (number);
  'vcpus'?: (number);
  'network'?: (string);
  /**
   * Waiting now, and how many there should be.
   */
  'waiting'?: (number);
  'wanted'?: (number);
  /**
   * VMs of this image that are in use.
   */
  'inUse'?: (number);
}

/**
 * Machines that are kept resumed and waiting.
 */
export interface PreparedPoint__Output {
  'image': (string);
  'memoryMib': (number);
  'vcpus': (number);
  'network': (string);
  /**
   * Waiting now, and how many there should be.
   */
  'waiting': (number);
  'wanted': (number);
  /**
   * VMs of this image that are in use.
   */
  'inUse': (number);
}
