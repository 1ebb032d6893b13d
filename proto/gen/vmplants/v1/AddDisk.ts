// Original file: proto/vmplants/v1/request.proto


/**
 * A new empty disk. The guest sees the action's name, cut to 20 characters, as its serial number.
 */
export interface AddDisk {
  'sizeMib'?: (number);
}

/**
 * A new empty disk. The guest sees the action's name, cut to 20 characters, as its serial number.
 */
export interface AddDisk__Output {
  'sizeMib': (number);
}
