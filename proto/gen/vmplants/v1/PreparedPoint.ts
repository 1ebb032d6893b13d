// Original file: proto/vmplants/v1/image.proto


/**
 * Machines that are kept running and waiting.
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
  /**
   * Production line of the machines, and whether they were resumed (`warm`) or booted (`disk`).
   */
  'line'?: (string);
  'rung'?: (string);
}

/**
 * Machines that are kept running and waiting.
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
  /**
   * Production line of the machines, and whether they were resumed (`warm`) or booted (`disk`).
   */
  'line': (string);
  'rung': (string);
}
