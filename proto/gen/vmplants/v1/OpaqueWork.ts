// Original file: proto/vmplants/v1/request.proto


/**
 * A change that was made by hand and published live. It cannot be performed: only an image that brings it serves.
 */
export interface OpaqueWork {
  /**
   * The key that publishing gave it: 64 hexadecimal digits, see Published.opaque_key.
   */
  'key'?: (string);
}

/**
 * A change that was made by hand and published live. It cannot be performed: only an image that brings it serves.
 */
export interface OpaqueWork__Output {
  /**
   * The key that publishing gave it: 64 hexadecimal digits, see Published.opaque_key.
   */
  'key': (string);
}
