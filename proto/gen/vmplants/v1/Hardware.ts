// Original file: proto/vmplants/v1/request.proto


export interface Hardware {
  /**
   * Instruction set. Default and only value today: `x86_64`.
   */
  'isa'?: (string);
  /**
   * Virtual processors, 1 to 64. 0 means the default, 1.
   */
  'vcpus'?: (number);
  /**
   * Memory in MiB, 32 to 1048576; exactly this much is given. 0 means the default, 512.
   */
  'memoryMib'?: (number);
  /**
   * Disk in MiB, at least this much is given. 0 means whatever the image has.
   */
  'diskMib'?: (number);
}

export interface Hardware__Output {
  /**
   * Instruction set. Default and only value today: `x86_64`.
   */
  'isa': (string);
  /**
   * Virtual processors, 1 to 64. 0 means the default, 1.
   */
  'vcpus': (number);
  /**
   * Memory in MiB, 32 to 1048576; exactly this much is given. 0 means the default, 512.
   */
  'memoryMib': (number);
  /**
   * Disk in MiB, at least this much is given. 0 means whatever the image has.
   */
  'diskMib': (number);
}
