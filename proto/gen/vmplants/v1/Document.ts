// Original file: proto/vmplants/v1/request.proto


/**
 * A request as a document, in the formats that the command line reads. `files[].source` is not allowed here.
 */
export interface Document {
  /**
   * `yaml`, `json` or `xml`.
   */
  'format'?: (string);
  /**
   * At most 64 MiB.
   */
  'content'?: (Buffer | Uint8Array | string);
}

/**
 * A request as a document, in the formats that the command line reads. `files[].source` is not allowed here.
 */
export interface Document__Output {
  /**
   * `yaml`, `json` or `xml`.
   */
  'format': (string);
  /**
   * At most 64 MiB.
   */
  'content': (Buffer);
}
